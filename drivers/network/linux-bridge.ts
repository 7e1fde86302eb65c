/** Linux bridges with nftables: bindings are chains named by MAC, reached through maps keyed by tap. */
import { z } from 'zod';
import { CodedError } from '../../model/errors.js';
import type { Binding, HostNetwork } from '../network.js';
import type { HostShell } from '../shell.js';
import { BASE, bindRules, chainSuffix, TABLE } from './nft.js';

/** `nft -j list table`: only what is read of it. */
const Listing = z.object({
  nftables: z.array(
    z.looseObject({
      map: z
        .looseObject({
          name: z.string(),
          elem: z.array(z.tuple([z.string(), z.unknown()])).default([]),
        })
        .optional(),
      set: z.looseObject({ name: z.string(), elem: z.array(z.string()).default([]) }).optional(),
      chain: z.looseObject({ name: z.string() }).optional(),
    }),
  ),
});

/** Prints the names of bridges: a bridge's folder in sysfs has a folder `bridge`. */
const LIST_BRIDGES =
  'for d in /sys/class/net/*/bridge; do [ -d "$d" ] && basename "$(dirname "$d")"; done; exit 0';
/** `$1` tap, `$2` bridge, again and again: says which tap is not on its bridge, or down. */
const CHECK_TAPS = `while [ $# -gt 0 ]; do
  master=$(basename "$(readlink "/sys/class/net/$1/master" 2>/dev/null)" 2>/dev/null)
  [ "$master" = "$2" ] || echo "$1 is not on $2"
  shift 2
done`;
/** Applies standard input in one transaction, then lists; one command, since nft takes ten milliseconds to start. */
const APPLY_AND_LIST = `nft -f - && nft -j list table ${TABLE}`;
const LIST = `nft -j list table ${TABLE} 2>/dev/null || echo '{"nftables":[]}'`;

/** The network of one host. */
export function linuxBridge(hostName: string, shell: HostShell): HostNetwork {
  const apply = (rules: string) => shell.run(['nft', '-f', '-'], { stdin: rules });
  const applyAndList = async (rules: string) => {
    const { stdout } = await shell.script(APPLY_AND_LIST, [], { stdin: rules });
    return readListing(hostName, stdout).bindings;
  };
  const listing = async () => readListing(hostName, (await shell.script(LIST, [])).stdout);
  return {
    bridges: async () => (await shell.script(LIST_BRIDGES, [])).stdout.split('\n').filter(Boolean),
    async bind(ports, groups) {
      if (ports.length === 0) return [];
      const { bindings } = await listing();
      // The same port under another tap: the guest was started anew since.
      const stale = bindings.filter(({ mac, tap }) =>
        ports.some((port) => port.mac === mac && port.tap !== tap),
      );
      return applyAndList(
        BASE + unbindRules(stale) + ports.map((port) => bindRules(port, groups)).join(''),
      );
    },
    async activate(ports) {
      if (ports.length === 0) return;
      const elements = ports.map((port) => `"${port.tap}"`).join(', ');
      const taps = ports.flatMap((port) => [port.tap, port.bridge]);
      const [found] = await Promise.all([
        shell.script(CHECK_TAPS, taps),
        apply(`add element ${TABLE} active { ${elements} }\n`),
      ]);
      const wrong = found.stdout.trim();
      if (wrong) {
        throw new CodedError('BINDING_FAILED', `on ${hostName}: ${wrong.replaceAll('\n', '; ')}`, {
          hint: `Put the tap on its bridge (ip link set TAP master BRIDGE on ${hostName}), then retry.`,
          facts: { host: hostName },
        });
      }
    },
    async unbind(ports) {
      const { bindings } = await listing();
      const rules = unbindRules(
        bindings.filter(({ mac }) => ports.some((port) => port.mac === mac)),
      );
      return rules ? applyAndList(rules) : bindings;
    },
    bindings: async () => (await listing()).bindings,
    describe: (ports, groups) =>
      ports.flatMap((port) => [
        'nft -f - <<EOF',
        ...bindRules(port, groups).trim().split('\n'),
        'EOF',
      ]),
  };
}

const unbindRules = (bindings: readonly Binding[]): string =>
  bindings
    .flatMap(({ mac, tap, state }) => [
      `delete element ${TABLE} from { "${tap}" }`,
      `delete element ${TABLE} to { "${tap}" }`,
      ...(state === 'active' ? [`delete element ${TABLE} active { "${tap}" }`] : []),
      ...[`from_${chainSuffix(mac)}`, `to_${chainSuffix(mac)}`].flatMap((chain) => [
        `flush chain ${TABLE} ${chain}`,
        `delete chain ${TABLE} ${chain}`,
      ]),
      '',
    ])
    .join('\n');

function readListing(hostName: string, text: string): { bindings: Binding[] } {
  let parsed: z.infer<typeof Listing>;
  try {
    parsed = Listing.parse(JSON.parse(text));
  } catch (cause) {
    throw new CodedError('BAD_ANSWER', `nft on ${hostName} answered something unreadable`, {
      cause,
    });
  }
  const items = parsed.nftables;
  const active = new Set(items.flatMap(({ set }) => (set?.name === 'active' ? set.elem : [])));
  const taps = items.flatMap(({ map }) => (map?.name === 'from' ? map.elem : []));
  const bindings = taps.map(([tap, verdict]): Binding => {
    const target =
      z.object({ jump: z.object({ target: z.string() }) }).safeParse(verdict).data?.jump.target ??
      '';
    const mac = target.replace(/^from_/, '').replace(/(..)(?=.)/g, '$1:');
    return { mac, tap, state: active.has(tap) ? 'active' : 'inactive' };
  });
  return { bindings };
}
