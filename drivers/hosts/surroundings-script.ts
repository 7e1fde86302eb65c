/** The script that looks at what surrounds a host's guests. */
import { asLogin } from '../interfaces/shell.js';

/** Lines: `address A/N`, `listens HEX`, `pages KIB FREE`, `default KIB`. sysfs and procfs are the kernel's own words. */
export const LOOK_AROUND = asLogin(
  'host.surroundings',
  `ip -o addr show | while read -r _ _ family address _; do
  case $family in inet|inet6) echo "address $address" ;; esac
done
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ here _ state _; do
  [ "$state" = 0A ] && echo "listens \${here##*:}"
done
for d in /sys/kernel/mm/hugepages/hugepages-*kB; do
  [ -r "$d/free_hugepages" ] || continue
  size=\${d##*hugepages-}; read -r free <"$d/free_hugepages"; echo "pages \${size%kB} $free"
done
sed -n 's/^Hugepagesize: *\\([0-9]*\\) kB$/default \\1/p' /proc/meminfo`,
);
