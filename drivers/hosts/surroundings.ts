/** Reads a host's addresses, listeners and huge pages. */
import { isIP } from 'node:net';
import type { HostShell } from '../interfaces/shell.js';
import type { Equipment, HostSurroundings, Surroundings } from '../interfaces/surroundings.js';
import { EQUIPMENT, LOOK_AROUND } from './surroundings-script.js';

/** Of one host. */
export const hostSurroundings = (shell: HostShell): HostSurroundings => ({
  look: async () => readSurroundings((await shell.run(LOOK_AROUND, [])).stdout),
  equipment: async ({ address, commands, folders }) => {
    const args = [address, commands.join(' '), ...folders];
    return readEquipment((await shell.run(EQUIPMENT, args)).stdout);
  },
});

/** A script's lines by their first word; what it does not say is not there. */
function linesOf(text: string): (word: string) => string[][] {
  const lines = text.split('\n').map((line) => line.split(' '));
  return (word) => lines.filter(([first]) => first === word);
}

/** The lines of `LOOK_AROUND`. */
export function readSurroundings(text: string): Surroundings {
  const told = linesOf(text);
  return {
    addresses: told('address').flatMap(([, cidr = '']) => {
      const [address = '', prefix] = cidr.split('/');
      // It goes into rules of another host's: a host that lies names nothing else there.
      return isIP(address) === 0 ? [] : [{ address, prefixLength: Number(prefix ?? 0) }];
    }),
    listening: [...new Set(told('listens').map(([, hex = '']) => Number.parseInt(hex, 16)))],
    hugePages: told('pages').map(([, size, free]) => ({
      sizeKib: Number(size),
      free: Number(free),
    })),
    taken: [
      ...told('port').map(([, device = '', master = '']) => ({ device, by: { master } })),
      ...told('macvtap').map(([, device = '', macvtap = '', mac = '']) => ({
        device,
        by: { macvtap, mac },
      })),
    ],
    defaultHugePageKib: Number(told('default')[0]?.[1] ?? 0),
  };
}

/** The lines of `EQUIPMENT`. */
export function readEquipment(text: string): Equipment {
  const told = linesOf(text);
  const all = (word: string) => told(word).map(([, ...rest]) => rest.join(' '));
  const has = (word: string) => told(word).length > 0;
  return {
    commands: all('command'),
    folders: all('folder'),
    hasKvm: has('kvm'),
    hasBridgeRules: has('bridge-rules'),
    clockMs: Number(all('clock')[0] ?? 0),
    certificates: {
      folder: all('in')[0] ?? '',
      files: all('certificate'),
      asksClients: has('asks-clients'),
      authority: all('authority')[0],
      isEnding: has('ending'),
      isForAnother: has('for-another'),
    },
  };
}
