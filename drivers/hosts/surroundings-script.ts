/** The script that looks at what surrounds a host's guests. */
import { asLogin, asRoot } from '../interfaces/shell.js';

/** Lines: `address A/N`, `listens HEX`, `pages KIB FREE`, `default KIB`, `port DEVICE MASTER`, `macvtap DEVICE MODE MAC`. sysfs and procfs are the kernel's own words. */
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
for d in /sys/class/net/*/master; do
  [ -e "$d" ] || continue
  up=$(readlink "$d"); d=\${d%/master}; echo "port \${d##*/} \${up##*/}"
done
ip -d -o link show | sed -n 's/^[0-9]*: [^ ]*@\\([^ :]*\\):.* link\\/ether \\([0-9a-f:]*\\).* macv\\(tap\\|lan\\) mode \\([a-z]*\\).*/macvtap \\1 \\4 \\2/p'
sed -n 's/^Hugepagesize: *\\([0-9]*\\) kB$/default \\1/p' /proc/meminfo`,
);

/**
 * `$1` the address of its QEMU, `$2` commands, the rest folders. Lines: `command NAME`, `folder PATH`, `kvm`, `bridge-rules`, `clock MS`,
 * and of certificates `in FOLDER`, `certificate FILE`, `asks-clients`, `authority SHA256`, `ending`, `for-another`. libvirt's own
 * order of folders: the one for migrations, /etc/pki/libvirt-migrate if it is there, the one for all.
 */
export const EQUIPMENT = asRoot(
  'host.equipment',
  `address=$1
for c in $2; do command -v "$c" >/dev/null && echo "command $c"; done
shift 2
for f; do [ -d "$f" ] && echo "folder $f"; done
[ -c /dev/kvm ] && echo kvm
nft -c add table bridge drover 2>/dev/null && echo bridge-rules
echo "clock $(date +%s%3N)"
set_to() { sed -n "s/^ *$1 *= *//p" /etc/libvirt/qemu.conf 2>/dev/null | tr -d '" ' | tail -n 1; }
d=$(set_to migrate_tls_x509_cert_dir)
[ -n "$d" ] || [ ! -d /etc/pki/libvirt-migrate ] || d=/etc/pki/libvirt-migrate
[ -n "$d" ] || d=$(set_to default_tls_x509_cert_dir)
d=\${d:-/etc/pki/qemu}
echo "in $d"
for f in ca-cert server-cert server-key client-cert client-key; do [ -f "$d/$f.pem" ] && echo "certificate $f.pem"; done
asks=$(set_to migrate_tls_x509_verify)
[ "\${asks:-$(set_to default_tls_x509_verify)}" = 0 ] || echo asks-clients
[ ! -f "$d/ca-cert.pem" ] || echo "authority $(sha256sum <"$d/ca-cert.pem" | cut -c 1-64)"
[ -f "$d/server-cert.pem" ] && command -v openssl >/dev/null || exit 0
about() { openssl x509 -noout -in "$d/server-cert.pem" "$@" 2>/dev/null; }
about -checkend 604800 >/dev/null || echo ending
about -checkip "$address" | grep -q 'does match' || about -checkhost "$address" | grep -q 'does match' || echo for-another
exit 0`,
);
