/** What a block device is known by, on every host that sees it: never its path (design, safety rule 13). */
import { z } from 'zod';

/**
 * `dm`: the device mapper's UUID of a logical volume or a multipath device. `wwn`: the World Wide Name. `serial`: what its maker
 * gave it; weaker, since makers and hypervisors give some of them twice. Of a partition, with its number.
 */
export const DeviceIds = z.object({
  dm: z.string().max(255).optional(),
  wwn: z.string().max(255).optional(),
  serial: z.string().max(255).optional(),
});
export type DeviceIds = z.infer<typeof DeviceIds>;

const STRENGTH = ['dm', 'wwn', 'serial'] as const;

/** Serials that hypervisors give to disks which have none: QEMU's and its drives' names, targets' defaults, nothing but zeros. */
const NO_SERIAL = /QM0000\d|drive-|beaf1|LIO-ORG_0|^[0_ -]*$/i;

/** What two hosts' devices have in common, if that is the same. `other` says which differs; `unknown`: nothing that both know. */
export function compareIds(
  here: DeviceIds,
  there: DeviceIds,
): { readonly is: 'same' | 'other' | 'unknown'; readonly by?: string } {
  for (const key of STRENGTH) {
    const [mine, theirs] = [here[key], there[key]];
    if (mine === undefined || theirs === undefined) continue;
    if (key === 'serial' && (NO_SERIAL.test(mine) || mine.length < 6)) continue;
    return { is: mine === theirs ? 'same' : 'other', by: `${key} ${mine}` };
  }
  return { is: 'unknown' };
}

/** For people. */
export const idsText = (ids: DeviceIds): string =>
  STRENGTH.flatMap((key) => (ids[key] === undefined ? [] : [`${key} ${ids[key]}`])).join(', ') ||
  'no name of its own';

/** How a person makes a device empty, so that a move may write into it. */
export const emptied = (host: string, path: string): string =>
  `A disk is copied only into a device that is all zeroes. If nobody needs what is on it: blkdiscard -z ${path} on ${host}.`;
