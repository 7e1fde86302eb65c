/** The POSIX scripts for what libvirt has no call for. Arguments arrive as $1, $2, … */
import { asRoot } from '../interfaces/shell.js';

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

/** Where definitions wait for their use; `$1` is the migration. */
const RENDERED = `case "$1$2" in */*) echo 'no name of a definition' >&2; exit 1 ;; esac
d=/var/lib/drover/rendered-$1`;

/** `$1` migration, `$2` name: standard input becomes the definition of that name, on the disk before it has it. */
export const PUT_RENDERED = asRoot(
  'guest.putRendered',
  `umask 077
${RENDERED}; mkdir -p "$d" && cat >"$d/$2.part" && sync "$d/$2.part" && mv -T "$d/$2.part" "$d/$2"`,
);
/** `$1` migration, `$2` name: prints it; exit 3 if it is not there. */
export const GET_RENDERED = asRoot(
  'guest.getRendered',
  `${RENDERED}; [ -e "$d/$2" ] || exit 3; exec cat "$d/$2"`,
);
/** `$1` migration: removes its definitions. */
export const REMOVE_RENDERED = asRoot(
  'guest.removeRendered',
  `${RENDERED}; rm -rf -- "$d" && { rmdir /var/lib/drover 2>/dev/null; exit 0; }`,
);

/** `$1` another host's URI: opens it as libvirtd does, with root's keys. Exit 127 if there is no virsh; standard error says what was wrong. */
export const REACH = asRoot(
  'guest.reachLibvirt',
  `case $1 in *'?'* | *[!][A-Za-z0-9@.:_%/+-]*) echo 'no URI of another host' >&2; exit 1 ;;
qemu+ssh://* | qemu+tls://* | qemu+tcp://*) ;; *) echo 'no URI of another host' >&2; exit 1 ;; esac
command -v virsh >/dev/null || exit 127
exec timeout 15 virsh -q -c "$1" hostname </dev/null`,
);

/**
 * `$1` a guest's name: prints the latest time at which its log says that QEMU was started or has ended, if it does. The log itself says
 * little by its own times, which logrotate changes; what virtlogd (`.log.0`) or logrotate (`.log.1`, `.log-20261128.gz`) have put aside counts too.
 */
export const LAST_RUN = asRoot(
  'guest.lastRun',
  String.raw`exec perl -e '
use strict; my ($name) = @ARGV; my ($dir, $last) = ("/var/log/libvirt/qemu", "");
my %reads = (gz => "gzip", xz => "xz", bz2 => "bzip2", zst => "zstd");
opendir my $all, $dir or exit 0;
for my $file (sort readdir $all) {
  $file =~ /^\Q$name\E\.log(?:[.-][0-9]+)?(?:\.(gz|xz|bz2|zst))?$/ or next;
  my ($by, $in) = ($1); -f "$dir/$file" or next;
  ($by ? open $in, "-|", $reads{$by}, "-dc", "--", "$dir/$file" : open $in, "<", "$dir/$file") or next;
  # What was emptied under its writer begins with a hole.
  while (<$in>) { s/^\0+//; $last = $1 if /^(\d{4}-\d\d-\d\d [\d:]{8}\.\d{3}\+0000): (?:starting up|shutting down)\b/ && $1 gt $last }
}
print "$last\n" if $last ne ""' -- "$1"`,
);
