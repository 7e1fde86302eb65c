/** The POSIX scripts that handle a host's bridges and nftables. Arguments arrive as $1, $2, …; rules by standard input. */
import { asLogin, asRoot } from '../interfaces/shell.js';
import { TABLE } from './nft.js';

/** Prints the names of bridges: a bridge's folder in sysfs has a folder `bridge`. */
export const LIST_BRIDGES = asLogin(
  'network.bridges',
  'for d in /sys/class/net/*/bridge; do [ -d "$d" ] && basename "$(dirname "$d")"; done; exit 0',
);

/** Prints the names of Open vSwitch's bridges. */
export const LIST_SWITCHES = asRoot(
  'network.switches',
  'command -v ovs-vsctl >/dev/null || exit 0; ovs-vsctl --timeout=5 list-br',
);

/**
 * `$1` tap, `$2` bridge or empty, again and again: says which tap is not bound, or not on its bridge. Applies standard input if
 * there is none.
 */
export const CHECK_TAPS_AND_APPLY = asRoot(
  'network.activate',
  `bound=$(nft list map ${TABLE} from 2>/dev/null)
wrong=$(while [ $# -gt 0 ]; do
  case $bound in *"\"$1\""*) ;; *) echo "$1 is not bound" ;; esac
  if [ -n "$2" ]; then [ -e "/sys/class/net/$2/brif/$1" ] || echo "$1 is not on $2"
  else [ -e "/sys/class/net/$1/master" ] || echo "$1 is on no bridge"; fi
  shift 2
done)
[ -z "$wrong" ] || { echo "$wrong"; exit 0; }
exec nft -f -`,
);

/** `$1` address, `$2` port: says what a connection meets. Bash is Debian's essential one, and starts ten times faster than perl. */
export const KNOCK = asLogin(
  'network.knock',
  `said=$(LC_ALL=C timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1) && echo accepts && exit 0
case $said in *'Connection refused'*) echo refuses ;; *) echo silent ;; esac`,
);

/** Devices with their addresses, a line each; then \`--\`, and what drover's table has. */
const LISTING = `for d in /sys/class/net/*; do read -r a <"$d/address" && echo "\${d##*/} $a"; done 2>/dev/null
echo --
nft -j list table ${TABLE} 2>/dev/null || echo '{"nftables":[]}'`;

/** Lists what there is. */
export const LIST = asRoot('network.list', LISTING);
/** Applies standard input in one transaction, then lists; one command, since nft takes ten milliseconds to start. */
export const APPLY_AND_LIST = asRoot('network.apply', `nft -f - || exit 1\n${LISTING}`);
