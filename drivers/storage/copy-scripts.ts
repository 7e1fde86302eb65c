/** The POSIX scripts of disk copies. Arguments arrive as $1, $2, …; secrets come by standard input and never by an argument. */
import { asRoot } from '../interfaces/shell.js';
import { FRESH, MARK, OWN, PARTS } from './scripts.js';

/**
 * `$1` folder of one copy, then how its unfinished files are named: ends its processes, and removes both. The kernel gives pids anew, so only a
 * process that names the folder is ended, with the group that it leads.
 */
export const CLEAN_UP = asRoot(
  'copy.cleanUp',
  `${PARTS}
d=$1; shift
[ ! -e "$d/guard" ] || nft delete table inet "$(cat "$d/guard")" 2>/dev/null
for f in "$d"/*.pid; do
  [ -e "$f" ] || continue
  pid=$(cat "$f"); tries=0
  grep -qF -- "$d" "/proc/$pid/cmdline" 2>/dev/null || continue
  kill -9 -- "-$pid" 2>/dev/null || kill -9 "$pid" 2>/dev/null
  while [ -d "/proc/$pid" ] && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.05; done
done
for p in "$@"; do no_parts "$p"; done
rm -rf -- "$d"`,
);

/** `$1` a copy's folder: makes it and puts standard input into its file `$2`, for nobody else to read. */
export const KEEP_SECRET = asRoot(
  'copy.keepSecret',
  `case \${1#/run/drover-copy-}/$2 in /* | */*/*) echo 'no folder of a copy' >&2; exit 1 ;; esac
umask 077; mkdir -p "$1" && cat >"$1/$2"`,
);

/** For whom no client comes, or whose worker has died, ends after so long without a connection. */
const IDLE_SECONDS = 60;

/**
 * `$1` folder, `$2` address, `$3` export name, `$4` image, `$5` `tls` or empty, `$6` the addresses that may connect, then ports to
 * try: serves the image, and prints the port. With TLS, who has not the key of this one copy can neither read nor list it; without,
 * no packet of anybody else's comes to the port. It ends with its client, or without one.
 */
export const SERVE = asRoot(
  'copy.serve',
  `
d=$1 address=$2 name=$3 image=$4 tls=$5 peers=$6; shift 6
guard() {
  [ -z "$tls" ] || return 0
  t=drover_copy_$1; echo "$t" >"$d/guard"
  {
    echo "table inet $t { chain in { type filter hook input priority -10;"
    for p in $peers; do case $p in *[!0-9a-fA-F.:]*) ;; *:*) echo "tcp dport $1 ip6 saddr $p accept;" ;; *) echo "tcp dport $1 ip saddr $p accept;" ;; esac; done
    echo "tcp dport $1 drop; }; }"
  } | nft -f -
}
open() { nft delete table inet "drover_copy_$1" 2>/dev/null; rm -f "$d/guard"; }
watch() {
  hex=$(printf %04X "$1"); pid=$(cat "$d/nbd.pid"); idle=0
  while [ $idle -lt ${IDLE_SECONDS} ] && kill -0 "$pid" 2>/dev/null; do
    sleep 1; idle=$((idle + 1))
    grep -qsE ": [0-9A-F]+:$hex [0-9A-F]+:[0-9A-F]+ 01 " /proc/net/tcp /proc/net/tcp6 && idle=0
  done
  grep -qsF -- "$name" "/proc/$pid/cmdline" && kill "$pid"
  open "$1"
}
for port in "$@"; do
  guard "$port" || exit 1
  if qemu-nbd --read-only --shared=16 \${tls:+--object tls-creds-psk,id=tls0,endpoint=server,dir="$d" --tls-creds tls0} \\
    --bind "$address" --port "$port" --export-name "$name" --fork --pid-file "$d/nbd.pid" "$image" 2>"$d/error"
  then (watch "$port") </dev/null >/dev/null 2>&1 & echo "$port"; exit 0; fi
  open "$port"
done
cat "$d/error" >&2; exit 1`,
);

/** The client's end: `$1` folder, `$2` address, `$3` port, `$4` export name, `$5` `tls` or empty. */
const CLIENT = `creds() { [ -z "$tls" ] || printf 'tls-creds-psk,id=tls0,endpoint=client,username=drover,dir=%s' "$1"; }
tls=$5 source="driver=nbd,server.type=inet,server.host=$2,server.port=$3,export=$4\${5:+,tls-creds=tls0}"
psk=$(creds "$1")`;

/**
 * As CLIENT, then `$6` format, `$7` file, `$8` bytes per second or empty, `$9` the image's options or
 * empty, `$10` of a block device whether it is `empty` or `written` to: copies, and prints its progress.
 */
export const CONVERT = asRoot(
  'copy.convert',
  `${CLIENT}
${FRESH}
umask 077
if [ -z "\${10}" ]; then
  fresh "$7" || exit 1
  # Past the page cache where the file system can: half the time, and no other guest's cache is pushed out.
  cache=writeback; dd if=/dev/zero of="$7" oflag=direct bs=4k count=1 2>/dev/null && cache=none
else [ -b "$7" ] || exit 1; cache=none zero=; [ "\${10}" != empty ] || zero=--target-is-zero; fi
qemu-img convert \${10:+-n} \${zero:-} -p -W -m 8 -t $cache \${8:+-r "$8"} \${9:+-o "$9"} \${psk:+--object "$psk"} --image-opts "$source" -O "$6" "$7" </dev/null &
echo $! >"$1/convert.pid"
wait $!`,
);

/** As CLIENT, then `$6` format, `$7` file with its commas doubled, `$8` QEMU's driver for it: exit 0 for equal, 1 for different content. */
export const COMPARE = asRoot(
  'copy.compare',
  `${CLIENT}
qemu-img compare \${psk:+--object "$psk"} --image-opts "$source" "driver=$6,file.driver=$8,file.filename=$7" </dev/null`,
);

/** `$1` file, `$2` bytes: as long as that. */
export const CUT = asRoot('copy.cut', 'exec truncate -s "$2" -- "$1"');

/** Exit codes of ACCEPT_COPY that are answers: a file of somebody else's has the name, or what another attempt has brought. */
export const NAME_TAKEN = { byOthers: 3, byAnotherAttempt: 4 } as const;

/**
 * `$1` path, `$2` owner, `$3` unfinished file, then user, group, mode: its name at last, marked as the owner's; it keeps that through a
 * power cut. It is put over nothing: what another attempt has brought may be a guest's by now.
 */
export const ACCEPT_COPY = asRoot(
  'copy.accept',
  `${OWN}
${MARK}
[ ! -e "$1" ] || { [ -e "$(mark "$1" "$2")" ] && exit ${NAME_TAKEN.byAnotherAttempt}; exit ${NAME_TAKEN.byOthers}; }
put_mark "$1" "$2" || exit 1
plain "$3" && [ ! -L "$3" ] && own "$3" "$4" "$5" "$6" && sync "$3" || exit 1
# It says nothing of what it leaves, or an error, by its version.
mv -nT "$3" "$1"; [ ! -e "$3" ] || { [ ! -e "$1" ] || exit ${NAME_TAKEN.byAnotherAttempt}; exit 1; }
sign "$1" "$2" && sync "$1" "$(dirname "$1")"`,
);

/** `$1` path, `$2` owner: says yes if this owner's copy has arrived. */
export const ARRIVED = asRoot(
  'copy.arrived',
  '[ -e "$1" ] && [ -e "$1.drover-$2" ] && echo yes || :',
);

/** `$1` image, `$2` file, `$3` its options or empty: one flat qcow2 of a chain, on the disk when this ends. */
export const FLATTEN = asRoot(
  'copy.flatten',
  `${FRESH}
umask 077; fresh "$2" && qemu-img convert -t writeback -O qcow2 \${3:+-o "$3"} "$1" "$2" && sync "$2" "$(dirname "$2")"`,
);
