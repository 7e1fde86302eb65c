/** The POSIX scripts that handle a migration's files on a host. Arguments arrive as $1, $2, …; nothing is spliced in. */

/** `$1` folder: prints free bytes, the filesystem's type, and `yes` if the folder or its parent is there. */
export const ROOM = `
d=$1; while [ ! -d "$d" ]; do d=$(dirname "$d"); done
set -- "$1" $(df -PB1 "$d" | tail -n 1) 
echo "$5"
stat -f -c %T "$d"
[ -d "$1" ] || [ -d "$(dirname "$1")" ] && echo yes || echo no`;

/** Prints those of its arguments that exist. */
export const EXISTING = 'for p in "$@"; do [ -e "$p" ] && printf "%s\\n" "$p"; done; exit 0';

/** Mark of a file that an unfinished migration made: \`PATH.drover-OWNER\`, beside it. */
const MARK = 'mark() { printf "%s.drover-%s" "$1" "$2"; }';

/** `$1` owner, then folders. */
export const MAKE_FOLDERS = `${MARK}
owner=$1; shift
for d in "$@"; do
  [ -d "$d" ] && continue
  : >"$(mark "$d" "$owner")" && mkdir "$d" || exit 1
done`;

/** Exit codes of the scripts below that are answers. */
export const EXIT = { stale: 3, checksum: 4, download: 5 } as const;

/** `$1` path, `$2` owner, `$3` format, `$4` capacity in bytes, `$5` backing file or empty, `$6` its format. */
export const MAKE_DISK = `${MARK}
path=$1 m=$(mark "$1" "$2") part=$1.part-$2
if [ -e "$path" ]; then
  [ -e "$m" ] && exit 0
  exit ${EXIT.stale}
fi
: >"$m" || exit 1
if [ -n "$5" ]; then qemu-img create -q -f "$3" -b "$5" -F "$6" "$part" "$4"
else qemu-img create -q -f "$3" "$part" "$4"; fi || exit 1
mv "$part" "$path"`;

/** `$1` path, `$2` owner, `$3` sha256: exit 0 if the right content is there, 1 if nothing is, 3 for another content. */
export const HAVE_FILE = `${MARK}
[ -e "$1" ] || exit 1
[ "$(sha256sum <"$1" | cut -d" " -f1)" = "$3" ] || exit ${EXIT.stale}
for other in "$1".drover-*; do [ -e "$other" ] && : >"$(mark "$1" "$2")"; break; done
exit 0`;

/** `$1` path, `$2` owner, `$3` url: downloads beside the path. */
export const DOWNLOAD = `${MARK}
: >"$(mark "$1" "$2")" || exit 1
curl -fsS --retry 2 -o "$1.part-$2" -- "$3" || { echo "curl: exit code $?" >&2; rm -f "$1.part-$2"; exit ${EXIT.download}; }`;

/** `$1` path, `$2` owner: takes what comes on standard input. */
export const RECEIVE = `${MARK}
: >"$(mark "$1" "$2")" && cat >"$1.part-$2"`;

/** `$1` path, `$2` owner, `$3` sha256: puts the fetched file in its place if it is the right one. */
export const ACCEPT = `
[ "$(sha256sum <"$1.part-$2" | cut -d" " -f1)" = "$3" ] || { rm -f "$1.part-$2"; exit ${EXIT.checksum}; }
mv "$1.part-$2" "$1"`;

/** `$1` owner, then paths, files before their folders: removes what is marked as the owner's and nobody else's. */
export const REMOVE_OWNED = `${MARK}
owner=$1; shift
for p in "$@"; do
  m=$(mark "$p" "$owner")
  rm -f "$p.part-$owner"
  [ -e "$m" ] || continue
  others=
  for other in "$p".drover-*; do [ "$other" = "$m" ] || [ ! -e "$other" ] || others=yes; done
  if [ -z "$others" ]; then
    if [ -d "$p" ]; then rmdir "$p" || exit 1; else rm -f "$p" || exit 1; fi
  fi
  rm -f "$m"
done`;

/** Drops every mark of its arguments: they stay. */
export const KEEP = 'for p in "$@"; do rm -f "$p".drover-*; done';

/** `$1` owner, then paths: prints those that still are marked. */
export const OWNED = `${MARK}
owner=$1; shift
for p in "$@"; do [ -e "$(mark "$p" "$owner")" ] && printf "%s\\n" "$p"; done; exit 0`;

/** Removes its arguments: files, and folders that are then empty. */
export const REMOVE = `
for p in "$@"; do
  if [ -d "$p" ]; then rmdir "$p" 2>/dev/null; else rm -f "$p" || exit 1; fi
done
exit 0`;

/** Pairs of old and new names. A pair that was renamed before is passed over; both names, or neither, is an answer for a person. */
export const RENAME = `
while [ $# -gt 0 ]; do
  if [ -e "$1" ] && [ ! -e "$2" ]; then mv -T "$1" "$2" || exit 1
  elif [ -e "$1" ]; then echo "$1 and $2 are both there"; exit ${EXIT.stale}
  elif [ ! -e "$2" ]; then echo "neither $1 nor $2 is there"; exit ${EXIT.stale}
  fi
  shift 2
done`;

/** `$1` overlay, `$2` its base under the name that it has here, `$3` the base's format. A commit that was cut is begun again. */
export const ABSORB = `
[ -e "$1" ] || exit 0
qemu-img rebase -u -f qcow2 -b "$2" -F "$3" "$1" && qemu-img commit -q -t writeback -f qcow2 -d "$1" && rm -f "$1" "$1".drover-*`;
