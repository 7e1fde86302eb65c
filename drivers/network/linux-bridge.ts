/** Linux bridges with nftables: bindings are chains named by MAC, reached through maps keyed by tap. */
import { present } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { Port } from '../../model/network.js';
import type { Binding, HostNetwork } from '../interfaces/network.js';
import type { HostShell } from '../interfaces/shell.js';
import { readListing, type Listed } from './listing.js';
import { BASE, bindCommands, bindRules, removeRules, TABLE } from './nft.js';
import * as scripts from './scripts.js';

/** The network of one host. */
export function linuxBridge(hostName: string, shell: HostShell): HostNetwork {
  const listing = async () => readListing(hostName, (await shell.run(scripts.LIST, [])).stdout);
  const apply = async (rules: readonly string[]) => {
    const stdin = `${BASE}${rules.join('\n')}\n`;
    const { stdout } = await shell.run(scripts.APPLY_AND_LIST, [], { stdin });
    return readListing(hostName, stdout).bindings;
  };
  return {
    bridges: async () =>
      (await shell.run(scripts.LIST_BRIDGES, [])).stdout.split('\n').filter(Boolean),
    switches: async () =>
      (await shell.run(scripts.LIST_SWITCHES, [])).stdout.split('\n').filter(Boolean),
    async knock(address, port) {
      const { stdout } = await shell.run(scripts.KNOCK, [address, String(port)]);
      const answer = stdout.trim();
      return answer === 'accepts' || answer === 'refuses' ? answer : 'silent';
    },
    async bind(ports, groups) {
      if (ports.length === 0) return [];
      const listed = await listing();
      refuseTwins(hostName, listed, ports);
      const stale = listed.bindings.filter((binding) => isReplaced(binding, ports));
      return apply([...stale.flatMap(unmapRules), ...ports.map((port) => bindRules(port, groups))]);
    },
    async activate(ports) {
      if (ports.length === 0) return;
      const elements = ports.map((port) => `"${port.tap}"`).join(', ');
      const taps = ports.flatMap((port) => [port.tap, port.bridge ?? '']);
      const { stdout } = await shell.run(scripts.CHECK_TAPS_AND_APPLY, taps, {
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
      const { bindings, isAlive } = await listing();
      const mine = bindings.filter(({ mac }) => ports.some((port) => port.mac === mac));
      // A port that is to be unbound has no tap any longer: a live tap belongs to another guest with the same MAC.
      const gone = mine.filter((binding) => !isAlive(binding));
      const macs = new Set(gone.map(({ mac }) => mac));
      const free = [...macs].filter((mac) => !mine.some((b) => b.mac === mac && !gone.includes(b)));
      if (gone.length === 0) return [];
      const left = await apply([...gone.flatMap(unmapRules), ...free.flatMap(removeRules)]);
      return left.filter((b) => macs.has(b.mac) && !isAlive(b));
    },
    bindings: async () => (await listing()).bindings,
    describe: bindCommands,
  };
}

/** The same port under another tap, whose guest was started anew since; or a tap whose name another port has now. */
const isReplaced = ({ mac, tap }: Binding, ports: readonly Port[]): boolean =>
  ports.some((port) => (port.mac === mac) !== (port.tap === tap));

/** Two guests with one MAC on one host would share their rules. @throws BINDING_FAILED */
function refuseTwins(
  hostName: string,
  { bindings, isAlive }: Listed,
  ports: readonly Port[],
): void {
  const twin = bindings.find(
    (binding) =>
      isAlive(binding) && ports.some(({ mac, tap }) => mac === binding.mac && tap !== binding.tap),
  );
  if (!twin) return;
  throw new CodedError(
    'BINDING_FAILED',
    `${twin.mac} is bound for ${twin.tap} on ${hostName}: a guest that runs there has the same MAC`,
    {
      hint: 'Give one of the two guests another MAC. The other guest keeps its rules.',
      facts: { host: hostName },
    },
  );
}

const unmapRules = ({ tap, state }: Binding): string[] => [
  `delete element ${TABLE} from { "${tap}" }`,
  `delete element ${TABLE} to { "${tap}" }`,
  ...present([state === 'active' ? `delete element ${TABLE} active { "${tap}" }` : undefined]),
];
