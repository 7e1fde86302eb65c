/** Linux bridges with nftables: bindings are chains named by MAC, reached through maps keyed by tap. */
import { z } from 'zod';
import { CodedError } from '../../model/errors.js';
import type { Port } from '../../model/network.js';
import type { Binding, HostNetwork } from '../network.js';
import type { HostShell } from '../shell.js';
import { BASE, bindRules, chainSuffix, TABLE } from './nft.js';
import * as scripts from './scripts.js';

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

/** The network of one host. */
export function linuxBridge(hostName: string, shell: HostShell): HostNetwork {
  const applyAndList = async (rules: string) => {
    const { stdout } = await shell.run(scripts.APPLY_AND_LIST, [], { stdin: rules });
    return readListing(hostName, stdout).bindings;
  };
  const listing = async () => readListing(hostName, (await shell.run(scripts.LIST, [])).stdout);
  return {
    bridges: async () =>
      (await shell.run(scripts.LIST_BRIDGES, [])).stdout.split('\n').filter(Boolean),
    async reaches(address, port) {
      const okCodes = [0, 1];
      const { exitCode } = await shell.run(scripts.REACHES, [address, String(port)], { okCodes });
      return exitCode === 0;
    },
    async bind(ports, groups) {
      if (ports.length === 0) return [];
      const bound = await applyAndList(
        BASE + ports.map((port) => bindRules(port, groups)).join(''),
      );
      // The same port under another tap: the guest was started anew since. Its chains are the ones just written.
      const stale = bound.filter(({ mac, tap }) =>
        ports.some((port) => port.mac === mac && port.tap !== tap),
      );
      return stale.length === 0 ? bound : applyAndList(stale.flatMap(unmapRules).join('\n'));
    },
    async activate(ports) {
      if (ports.length === 0) return;
      const elements = ports.map((port) => `"${port.tap}"`).join(', ');
      const taps = ports.flatMap((port) => [port.tap, port.bridge]);
      const { stdout } = await shell.run(scripts.APPLY_AND_CHECK_TAPS, taps, {
        stdin: `add element ${TABLE} active { ${elements} }\n`,
      });
      const wrong = stdout.trim();
      if (wrong) {
        throw new CodedError('BINDING_FAILED', `on ${hostName}: ${wrong.replaceAll('\n', '; ')}`, {
          hint: `Put the tap on its bridge (ip link set TAP master BRIDGE on ${hostName}), then retry.`,
          facts: { host: hostName },
        });
      }
    },
    async unbind(ports) {
      const { stdout } = await shell.run(scripts.TRY_AND_LIST, [], { stdin: unbindAsKnown(ports) });
      const { bindings } = readListing(hostName, stdout);
      const left = bindings.filter(({ mac }) => ports.some((port) => port.mac === mac));
      return left.length === 0 ? bindings : applyAndList(unbindRules(left));
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

/** Removes ports that are bound under the taps they are known by: adding first makes it right for absent ones too. */
const unbindAsKnown = (ports: readonly Port[]): string =>
  ports
    .map(({ mac, tap }) => {
      const [from, to] = [`from_${chainSuffix(mac)}`, `to_${chainSuffix(mac)}`];
      const added = [
        `add chain ${TABLE} ${from}`,
        `add chain ${TABLE} ${to}`,
        `add element ${TABLE} from { "${tap}" : jump ${from} }`,
        `add element ${TABLE} to { "${tap}" : jump ${to} }`,
        `add element ${TABLE} active { "${tap}" }`,
      ];
      return `${added.join('\n')}\n${unbindRules([{ mac, tap, state: 'active' }])}`;
    })
    .join('');

const unbindRules = (bindings: readonly Binding[]): string =>
  bindings
    .flatMap((binding) => [
      ...unmapRules(binding),
      ...[`from_${chainSuffix(binding.mac)}`, `to_${chainSuffix(binding.mac)}`].flatMap((chain) => [
        `flush chain ${TABLE} ${chain}`,
        `delete chain ${TABLE} ${chain}`,
      ]),
      '',
    ])
    .join('\n');

const unmapRules = ({ tap, state }: Binding): string[] => [
  `delete element ${TABLE} from { "${tap}" }`,
  `delete element ${TABLE} to { "${tap}" }`,
  ...(state === 'active' ? [`delete element ${TABLE} active { "${tap}" }`] : []),
];

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
