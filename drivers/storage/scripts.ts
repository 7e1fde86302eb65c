/** The POSIX scripts that handle a migration's files on a host. Arguments arrive as $1, $2, …; nothing is spliced in. */
import { CURL } from '../images/scripts.js';
import { asRoot } from '../interfaces/shell.js';

/** `$1` folder: prints free bytes, the filesystem's type, and `yes` if the folder or its parent is there. */
export const ROOM = asRoot(
  'files.room',
  `
d=$1; while [ ! -d "$d" ]; do d=$(dirname "$d"); done
set -- "$1" $(df -PB1 "$d" | tail -n 1) 
echo "$5"
stat -f -c %T "$d"
[ -d "$1" ] || [ -d "$(dirname "$1")" ] && echo yes || echo no`,
);

/** Prints those of its arguments that exist. */
export const EXISTING = asRoot(
  'files.existing',
  'for p in "$@"; do [ -e "$p" ] && printf "%s\\n" "$p"; done; exit 0',
);

/**
 * New files, where tenants or QEMU may write in the folder as well (S10): `fresh PATH` makes an empty one that was not there, and
 * follows no link that somebody has put in its place; `plain PATH` is true for a file, and for nothing that opening might hang on.
 */
export const FRESH = `fresh() { rm -f -- "$1" && (umask 077; set -C; : >"$1") 2>/dev/null || { echo "$1 cannot be made anew" >&2; return 1; }; }
plain() { [ -f "$1" ] || { echo "$1 is no file" >&2; return 1; }; }`;

/** `no_parts NAME`: removes unfinished files, of which each attempt at a copy has one; their names begin so. */
export const PARTS = `no_parts() { rm -f -- "$1" "$1".??????; }`;

/**
 * Mark of a file that an unfinished migration made: \`PATH.drover-OWNER\`, beside it. One that is there is not made again. \`sign\`
 * writes into it which file it is, once that has its name: another one that comes under the name later is not drover's.
 */
export const MARK = `${FRESH}
mark() { printf "%s.drover-%s" "$1" "$2"; }
put_mark() { m=$(mark "$1" "$2"); if [ -f "$m" ] && [ ! -L "$m" ]; then :; else fresh "$m"; fi; }
sign() { perl -e 'use strict; use Fcntl; my ($mark, $path) = @ARGV;
sysopen my $out, $mark, O_WRONLY | O_TRUNC | O_NOFOLLOW or die "$mark: $!"; print $out +(lstat $path)[1]; close $out or die "$mark: $!"' "$(mark "$1" "$2")" "$1"; }
is_signed() { m=$(mark "$1" "$2"); [ ! -e "$1" ] || [ ! -f "$m" ] || [ ! -s "$m" ] || [ "$(cat "$m")" = "$(stat -c %i -- "$1")" ]; }`;

/**
 * `own PATH USER GROUP MODE`: whose the original was, and its mode. What is made is nobody else's to read until then; a user that
 * this host does not have gets nothing.
 */
export const OWN = `umask 077
own() { chown -h -- "$2" "$1" 2>/dev/null || :; chgrp -h -- "$3" "$1" 2>/dev/null || :; [ -L "$1" ] || chmod -- "$4" "$1"; }`;

/** `$1` migration; then `$1` folder, user, group, mode, again and again. */
export const MAKE_FOLDERS = asRoot(
  'files.makeFolders',
  `${MARK}
${OWN}
owner=$1; shift
while [ $# -gt 0 ]; do
  if [ ! -d "$1" ]; then put_mark "$1" "$owner" && mkdir "$1" && own "$1" "$2" "$3" "$4" || exit 1; fi
  shift 4
done`,
);

/** Exit codes of the scripts below that are answers. */
export const EXIT = { stale: 3, checksum: 4, download: 5, tooLong: 6 } as const;

/** `$1` path, `$2` owner, `$3` format, `$4` capacity in bytes, `$5` backing file or empty, `$6` its format, then user, group, mode, options or nothing. It keeps its name through a power cut. */
export const MAKE_DISK = asRoot(
  'files.makeDisk',
  `${MARK}
${OWN}
path=$1 m=$(mark "$1" "$2") part=$1.part-$2
if [ -e "$path" ]; then
  [ -e "$m" ] && exit 0
  exit ${EXIT.stale}
fi
put_mark "$path" "$2" && fresh "$part" || exit 1
if [ -n "$5" ]; then qemu-img create -q -f "$3" \${10:+-o "\${10}"} -b "$5" -F "$6" "$part" "$4"
else qemu-img create -q -f "$3" \${10:+-o "\${10}"} "$part" "$4"; fi || exit 1
own "$part" "$7" "$8" "$9" && sync "$part" && mv -T "$part" "$path" && sign "$path" "$2" && sync "$path" "$(dirname "$path")"`,
);

/** SHA-256 of standard input. OpenSSL uses the processor's instructions: 40 ms for 50 MB instead of 150. */
const SUM = `sum() { if command -v openssl >/dev/null; then openssl dgst -sha256 -r; else sha256sum; fi | cut -c 1-64; }`;

/** `$1` path, `$2` owner, `$3` sha256: exit 0 if the right content is there, 1 if nothing is, 3 for another content. */
export const HAVE_FILE = asRoot(
  'files.have',
  `${MARK}
${SUM}
[ -e "$1" ] || exit 1
[ -f "$1" ] && [ "$(sum <"$1")" = "$3" ] || exit ${EXIT.stale}
for other in "$1".drover-*; do
  case $other in *.drover-last-*) continue ;; esac
  [ ! -e "$other" ] || put_mark "$1" "$2"; break
done
exit 0`,
);

/** `$1` path, `$2` owner, `$3` url, `$4` how long it is: downloads beside the path; gives up on a store that sends more, or less than 10 KiB/s for a minute. */
export const DOWNLOAD = asRoot(
  'files.download',
  `${MARK}
umask 077
put_mark "$1" "$2" && fresh "$1.part-$2" || exit 1
# In blocks of 512: curl itself, of older versions, hears only what the store says that it will send.
ulimit -f $((($4 + 511) / 512)) || exit 1
${CURL} --max-filesize "$4" --retry 2 --connect-timeout 20 --speed-limit 10240 --speed-time 60 -o "$1.part-$2" -- "$3" || { echo "curl: exit code $?" >&2; rm -f "$1.part-$2"; exit ${EXIT.download}; }`,
);

/** `$1` path, `$2` owner, `$3` how long it is: takes what comes on standard input; if that is more, nothing stays of it. */
export const RECEIVE = asRoot(
  'files.receive',
  `${MARK}
umask 077
put_mark "$1" "$2" && rm -f -- "$1.part-$2" && exec perl -e '
use strict; use Fcntl; my ($path, $bytes) = @ARGV; my $had = 0;
sysopen my $out, $path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600 or die "$path: $!\n";
while (my $got = sysread STDIN, my $data, 1048576) {
  if (($had += $got) > $bytes) { unlink $path; print STDERR "more than $bytes bytes came\n"; exit ${EXIT.tooLong} }
  for (my $o = 0; $o < $got; ) { my $put = syswrite $out, $data, $got - $o, $o; defined $put or die "$path: $!\n"; $o += $put }
}
close $out or die "$path: $!\n"' "$1.part-$2" "$3"`,
);

/** `$1` path, `$2` owner, `$3` sha256, then user, group, mode: puts the fetched file in its place if it is the right one. */
export const ACCEPT = asRoot(
  'files.accept',
  `${OWN}
${MARK}
${SUM}
[ -f "$1.part-$2" ] && [ ! -L "$1.part-$2" ] && [ "$(sum <"$1.part-$2")" = "$3" ] || { rm -f "$1.part-$2"; exit ${EXIT.checksum}; }
own "$1.part-$2" "$4" "$5" "$6" && sync "$1.part-$2" && mv -T "$1.part-$2" "$1" && sign "$1" "$2" && sync "$1" "$(dirname "$1")"`,
);

/** `$1` owner, then paths, files before their folders: removes what is marked as the owner's and nobody else's; prints what stays: `another` and a file that is another than was marked, `full` and a folder that has something in it. */
export const REMOVE_OWNED = asRoot(
  'files.removeOwned',
  `${MARK}
${PARTS}
owner=$1; shift
for p in "$@"; do
  m=$(mark "$p" "$owner")
  no_parts "$p.part-$owner"
  [ -e "$m" ] || continue
  others=
  for other in "$p".drover-*; do [ "$other" = "$m" ] || [ ! -e "$other" ] || others=yes; done
  if [ -z "$others" ]; then
    if ! is_signed "$p" "$owner"; then printf 'another %s\\n' "$p"
    elif [ ! -d "$p" ]; then rm -f "$p" || exit 1
    elif ! rmdir "$p" 2>/dev/null; then
      # Somebody has something in it by now: then it is that one's too, and stays. What is still this owner's must go first.
      for own in "$p"/*.drover-"$owner"; do [ ! -e "$own" ] || exit 1; done
      [ -n "$(ls -A "$p")" ] || exit 1
      printf 'full %s\\n' "$p"
    fi
  fi
  rm -f "$m"
done`,
);

/** Drops every mark of its arguments: they stay. */
export const KEEP = asRoot('files.keep', 'for p in "$@"; do rm -f "$p".drover-*; done');

/** `$1` owner, then paths: drops this owner's mark; what others have marked is theirs still. */
export const DROP_MARK = asRoot(
  'files.dropMark',
  `${MARK}
owner=$1; shift
for p in "$@"; do rm -f "$(mark "$p" "$owner")"; done`,
);
/** `$1` owner, then paths: those that are there have a mark that says what they are, and no other. */
export const KEEP_LAST = asRoot(
  'files.keepLast',
  `owner=$1; shift; set -C
for p in "$@"; do
  [ -e "$p" ] || continue
  rm -f "$p".drover-*; : >"$p.drover-last-$owner" || exit 1
done`,
);

/** `$1` owner, then paths: prints those that still are marked. */
export const OWNED = asRoot(
  'files.owned',
  `${MARK}
owner=$1; shift
for p in "$@"; do [ -e "$(mark "$p" "$owner")" ] && printf "%s\\n" "$p"; done; exit 0`,
);

/** Removes its arguments: files, and folders that are then empty. */
export const REMOVE = asRoot(
  'files.remove',
  `
for p in "$@"; do
  if [ -d "$p" ]; then rmdir "$p" 2>/dev/null; else rm -f "$p" || exit 1; fi
done
exit 0`,
);

/** Pairs of old and new names, which they keep through a power cut. A pair that was renamed before is passed over; both names, or neither, is an answer for a person. */
export const RENAME = asRoot(
  'files.rename',
  `
while [ $# -gt 0 ]; do
  if [ -e "$1" ] && [ ! -e "$2" ]; then mv -T "$1" "$2" && sync "$(dirname "$1")" "$(dirname "$2")" || exit 1
  elif [ -e "$1" ]; then echo "$1 and $2 are both there"; exit ${EXIT.stale}
  elif [ ! -e "$2" ]; then echo "neither $1 nor $2 is there"; exit ${EXIT.stale}
  fi
  shift 2
done`,
);

/** `$1` overlay, `$2` its base under the name that it has here, `$3` the base's format. A commit that was cut is begun again. */
export const ABSORB = asRoot(
  'files.absorb',
  `
[ -e "$1" ] || exit 0
qemu-img rebase -u -f qcow2 -b "$2" -F "$3" "$1" && qemu-img commit -q -t writeback -f qcow2 -d "$1" && rm -f "$1" "$1".drover-*`,
);

/** `$1` path, `$2` token: is this folder the same on another host? The other host reads the token, or does not. */
export const WRITE_PROBE = asRoot(
  'files.writeProbe',
  `${FRESH}
fresh "$1" && printf %s "$2" >"$1"`,
);
/** `$1` path. */
export const READ_PROBE = asRoot(
  'files.readProbe',
  '[ -f "$1" ] && [ ! -L "$1" ] && head -c 100 "$1" || :',
);
/** `$1` path: prints its content. */
export const READ = asRoot(
  'files.read',
  `${FRESH}
plain "$1" && exec cat "$1"`,
);
/** `$1` path. */
export const SHA256 = asRoot(
  'files.sha256',
  `${FRESH}
${SUM}
plain "$1" && sum <"$1"`,
);

/**
 * `$1` format or empty, `$2` image, again and again: what each says of itself as JSON, framed by lines with its exit code. One layer
 * only: what lies below is named and not opened. A pipe or a folder is not opened at all, which might never end. Without the image's lock (`-U`): the guest runs on it.
 */
export const INSPECT = asRoot(
  'disk.inspect',
  `while [ $# -gt 0 ]; do
  code=none
  case $2 in /*) [ ! -e "$2" ] || [ -f "$2" ] || [ -b "$2" ];; *) :;; esac && {
    timeout -k 1 4 qemu-img info -U --output=json \${1:+-f "$1"} "$2" 2>&1; code=$?
  }
  printf '\\n--- %s\\n' "$code"
  shift 2
done`,
);

/** `$1` QEMU's options of a volume, `$2` `locked` if it asks for a password, which comes in base64 on standard input: what it says of itself, framed as above. */
export const INSPECT_VOLUME = asRoot(
  'volume.inspect',
  `timeout -k 1 8 qemu-img info -U --output=json \${2:+--object secret,id=key,format=base64,file=/dev/stdin} --image-opts "$1" 2>&1
printf '\\n--- %s\\n' "$?"`,
);

/** Folders: prints what is marked, unfinished or a probe in them and one level below, and the work folders of copies; each ended by NUL, since a name may hold anything else. */
export const FIND_TRACES = asRoot(
  'traces.find',
  `
for d in "$@"; do
  [ -d "$d" ] && find "$d" -maxdepth 2 \\( -name '*.drover-*' -o -name '*.part-*' -o -name '.drover-probe-*' \\) -print0 2>/dev/null
done
for f in /run/drover-copy-* /var/lib/drover/rendered-*; do [ ! -e "$f" ] || printf '%s\\0' "$f"; done
for f in /var/lib/drover/device-*; do [ ! -s "$f" ] || printf 'device %s %s\\0' "$(sed -n 6p "$f")" "$(sed -n 1p "$f")"; done
exit 0`,
);
/** Folders: prints what a cold migration has set aside in them, each ended by NUL. */
export const FIND_ASIDE = asRoot(
  'traces.findAside',
  `for d in "$@"; do [ -d "$d" ] && find "$d" -maxdepth 2 -name '*_resize' -print0; done; exit 0`,
);
