/** The POSIX script that asks Ceph about an image. */
import { asRoot } from '../interfaces/shell.js';

/**
 * `$1` pool, `$2` image, `$3` user or empty, `$4` monitors or empty, `$5` configuration or empty; standard input: that user's key in
 * base64, which Ceph reads from a file of a known length only: one that has no name any more. Prints who has the image open to
 * write (`rbd status`), or nothing where Ceph's tools are not installed or cannot be asked.
 */
export const WATCHERS = asRoot(
  'volume.watchers',
  `command -v rbd >/dev/null || exit 0
if [ -n "$3" ]; then
  f=$(umask 077; mktemp /run/drover-key-XXXXXX) && cat >"$f"; exec 3<"$f"; rm -f "$f"
fi
timeout -k 1 8 rbd status --format json --pool "$1" --image "$2" \${3:+--id "$3" --keyfile /dev/fd/3} \${4:+-m "$4"} \${5:+--conf "$5"} 2>/dev/null || :`,
);
