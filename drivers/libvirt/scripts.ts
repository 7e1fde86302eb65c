/** The POSIX script for what libvirt has no call for. Arguments arrive as $1, $2, … */
import { asRoot } from '../shell.js';

/**
 * `$1` name, `$2` UUID: ends the connections of this guest's QEMU on libvirt's migration ports (qemu.conf). VNC and the like have
 * other ports. libvirt itself cannot: it pauses a post-copy on the source alone (virDomainAbortJobFlags).
 */
export const END_STREAM = asRoot(
  'guest.endStream',
  `
command -v ss >/dev/null || { echo 'ss is missing (iproute2)' >&2; exit 127; }
pid=$(cat "/run/libvirt/qemu/$1.pid") || exit 1
tr '\\0' '\\n' <"/proc/$pid/cmdline" | grep -qxF -- "$2" || { echo "$1 is not process $pid" >&2; exit 1; }
port() { sed -n "s/^ *migration_port_$1 *= *\\([0-9]*\\).*/\\1/p" /etc/libvirt/qemu.conf 2>/dev/null; }
min=$(port min) max=$(port max)
streams() {
  ss -Htnp state established "sport >= :\${min:-49152} and sport <= :\${max:-49215}" | grep -F "pid=$pid,"
}
streams | while read -r _ _ here there _; do
  ss -K -tn state established "sport = :\${here##*:} and dport = :\${there##*:}" >/dev/null
done
streams >&2 || exit 0
echo 'these connections could not be ended: the kernel needs CONFIG_INET_DIAG_DESTROY' >&2; exit 1`,
);
