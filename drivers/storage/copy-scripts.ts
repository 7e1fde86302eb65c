/** The POSIX scripts of disk copies. Arguments arrive as $1, $2, …; secrets come by standard input and never by an argument. */
import { asRoot } from '../interfaces/shell.js';
import { OWN } from './scripts.js';

/**
 * `$1` folder of one copy, then unfinished files: ends its processes, and removes both. The kernel gives pids anew, so only a
 * process that names the folder is ended, with the group that it leads.
 */
export const CLEAN_UP = asRoot(
  'copy.cleanUp',
  `
d=$1; shift
for f in "$d"/*.pid; do
  [ -e "$f" ] || continue
  pid=$(cat "$f"); tries=0
  grep -qF -- "$d" "/proc/$pid/cmdline" 2>/dev/null || continue
  kill -9 -- "-$pid" 2>/dev/null || kill -9 "$pid" 2>/dev/null
  while [ -d "/proc/$pid" ] && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.05; done
done
rm -rf -- "$d" "$@"`,
);

/** `$1` folder: makes it and puts standard input into its file `$2`, for nobody else to read. */
export const KEEP_SECRET = asRoot('copy.keepSecret', 'umask 077; mkdir -p "$1" && cat >"$1/$2"');

/**
 * `$1` folder, `$2` address, `$3` export name, `$4` image, `$5` `tls` or empty, then ports to try: serves the image to one client,
 * and prints the port. Nobody else can guess the export's name. It ends with its client.
 */
export const SERVE = asRoot(
  'copy.serve',
  `
d=$1 address=$2 name=$3 image=$4 tls=$5; shift 5
for port in "$@"; do
  qemu-nbd --read-only \${tls:+--object tls-creds-psk,id=tls0,endpoint=server,dir="$d" --tls-creds tls0} \\
    --bind "$address" --port "$port" --export-name "$name" --fork --pid-file "$d/nbd.pid" "$image" 2>"$d/error" && { echo "$port"; exit 0; }
done
cat "$d/error" >&2; exit 1`,
);

/** The client's end: `$1` folder, `$2` address, `$3` port, `$4` export name, `$5` `tls` or empty. */
const CLIENT = `creds() { [ -z "$tls" ] || printf 'tls-creds-psk,id=tls0,endpoint=client,username=drover,dir=%s' "$1"; }
tls=$5 source="driver=nbd,server.type=inet,server.host=$2,server.port=$3,export=$4\${5:+,tls-creds=tls0}"
psk=$(creds "$1")`;

/** As CLIENT, then `$6` format, `$7` file, `$8` bytes per second or empty: copies, and prints its progress. */
export const CONVERT = asRoot(
  'copy.convert',
  `${CLIENT}
umask 077
# Past the page cache where the file system can: half the time, and no other guest's cache is pushed out.
cache=writeback; dd if=/dev/zero of="$7" oflag=direct bs=4k count=1 2>/dev/null && cache=none
qemu-img convert -p -W -m 8 -t $cache \${8:+-r "$8"} \${psk:+--object "$psk"} --image-opts "$source" -O "$6" "$7" </dev/null &
echo $! >"$1/convert.pid"
wait $!`,
);

/** As CLIENT, then `$6` format, `$7` file with its commas doubled: exit 0 for equal, 1 for different content. */
export const COMPARE = asRoot(
  'copy.compare',
  `${CLIENT}
qemu-img compare \${psk:+--object "$psk"} --image-opts "$source" "driver=$6,file.driver=file,file.filename=$7" </dev/null`,
);

/** `$1` folder, `$2` comment: makes a key for one copy and prints its public half. */
export const MAKE_KEY = asRoot(
  'copy.makeKey',
  `umask 077; mkdir -p "$1" && ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1/key" && cat "$1/key.pub"`,
);

/** Passes standard input on at `$1` bytes per second at the most, and says on descriptor 3 how much it was. */
const METER = `perl -e '
  my $rate = shift; my ($n, $t) = (0, time); open my $say, ">&=", 3; select((select($say), $| = 1)[0]);
  while (my $got = sysread STDIN, my $data, 262144) {
    for (my $o = 0; $o < $got; ) { my $put = syswrite STDOUT, $data, $got - $o, $o; defined $put or exit 1; $o += $put }
    $n += $got; select undef, undef, undef, $got / $rate if $rate;
    if (time != $t) { $t = time; print $say "$n\\n" }
  }
  print $say "$n\\n"'`;

/** `$1` folder with key and known_hosts, `$2` file, `$3` user@address, `$4` port, `$5` bytes per second or 0: sends the file, its holes kept. */
export const SEND = asRoot(
  'copy.send',
  `exec 3>&1
echo $$ >"$1/send.pid"
{ tar --no-unquote -C "$(dirname "$2")" -cSf - -- "$(basename "$2")" || echo tar >"$1/failed"; } | ${METER} "$5" |
  ssh -i "$1/key" -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o GlobalKnownHostsFile=/dev/null \\
    -o UserKnownHostsFile="$1/known_hosts" -o ServerAliveInterval=5 -o ServerAliveCountMax=3 -p "$4" "$3" >&2 && [ ! -e "$1/failed" ]`,
);

/** `$1` path, `$2` owner, `$3` unfinished file, then user, group, mode: its name at last, marked as the owner's. */
export const ACCEPT_COPY = asRoot(
  'copy.accept',
  `${OWN}
m=$1.drover-$2
[ ! -e "$1" ] || [ -e "$m" ] || exit 3
: >"$m" && own "$3" "$4" "$5" "$6" && sync "$3" && mv -T "$3" "$1"`,
);

/** `$1` path, `$2` owner: says yes if this owner's copy has arrived. */
export const ARRIVED = asRoot(
  'copy.arrived',
  '[ -e "$1" ] && [ -e "$1.drover-$2" ] && echo yes || :',
);

/** `$1` image, `$2` file: one flat qcow2 of a chain. */
export const FLATTEN = asRoot(
  'copy.flatten',
  'umask 077; exec qemu-img convert -t writeback -O qcow2 "$1" "$2"',
);

/** `$1` folder, where the copy is unpacked. */
export const MAKE_UNPACK_FOLDER = asRoot('copy.makeUnpackFolder', 'umask 077; exec mkdir -p "$1"');
/**
 * `$1` folder in hexadecimal: all that the key of one copy can do. sshd and the login shell read this line from authorized_keys
 * before the script does, and a name in it could say something to them.
 */
export const UNPACK = asRoot(
  'copy.unpack',
  `exec perl -e 'chdir pack("H*", shift) or die "chdir: $!\n"; exec qw(tar -xSf -); die "tar: $!\n"' "$1"`,
);
/** `$1` unpacked file, `$2` unfinished copy. */
export const TAKE_UNPACKED = asRoot('copy.takeUnpacked', 'exec mv "$1" "$2"');
