/** Reads a host's addresses, listeners and huge pages. */
import type { HostShell } from '../interfaces/shell.js';
import type { HostSurroundings, Surroundings } from '../interfaces/surroundings.js';
import { LOOK_AROUND } from './surroundings-script.js';

/** Of one host. */
export const hostSurroundings = (shell: HostShell): HostSurroundings => ({
  look: async () => readSurroundings((await shell.run(LOOK_AROUND, [])).stdout),
});

/** The script's lines; what it does not say is not there. */
export function readSurroundings(text: string): Surroundings {
  const lines = text.split('\n').map((line) => line.split(' '));
  const told = (word: string) => lines.filter(([first]) => first === word);
  return {
    addresses: told('address').flatMap(([, cidr = '']) => {
      const [address = '', prefix] = cidr.split('/');
      return address === '' ? [] : [{ address, prefixLength: Number(prefix ?? 0) }];
    }),
    listening: [...new Set(told('listens').map(([, hex = '']) => Number.parseInt(hex, 16)))],
    hugePages: told('pages').map(([, size, free]) => ({
      sizeKib: Number(size),
      free: Number(free),
    })),
    defaultHugePageKib: Number(told('default')[0]?.[1] ?? 0),
  };
}
