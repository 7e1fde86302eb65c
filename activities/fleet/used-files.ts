/** Which of a host's files its domains use: checked before the audit removes one. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostPath } from '../../model/ids.js';
import { lookAtOne, neighboursOn } from '../host/uses.js';

/** What a host's domains use, asked for once and when it is needed. */
export interface UsedFiles {
  /** Who uses it; `unknown` if a domain's files cannot be read: then no file is known to be free. */
  usersOf(path: HostPath): Promise<'nobody' | 'somebody' | 'unknown'>;
}

/** Those of one host. */
export function usedFiles(drivers: HostDrivers): UsedFiles {
  const neighbours = neighboursOn(drivers);
  return {
    async usersOf(path) {
      const uses = await neighbours.uses();
      if (uses.of(await lookAtOne(drivers, path)).length > 0) return 'somebody';
      return uses.untold.length > 0 ? 'unknown' : 'nobody';
    },
  };
}
