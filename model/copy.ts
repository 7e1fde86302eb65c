/** How the disks of a cold migration get to the target (C3, C4). */
import { z } from 'zod';
import { HostPath } from './ids.js';
import type { DiskPlan } from './storage.js';

/**
 * `move`: shared storage, a rename. `nbd`: QEMU's own export and one pass of `qemu-img convert`, which flattens and
 * skips zeroes. `scp`: the file as it is, over ssh with a key made for this one copy.
 */
export const CopyWay = z.enum(['move', 'nbd', 'scp']);
export type CopyWay = z.infer<typeof CopyWay>;

/** What the requester wants: `auto` keeps a chain of backing files where the target can have it. */
export const CopyChoice = z.enum(['auto', 'nbd', 'scp']);
export type CopyChoice = z.infer<typeof CopyChoice>;

/** One disk's way. */
export const CopyPlan = z.object({
  device: z.string(),
  way: CopyWay,
  /** C3, beforehand, on the source: only for `scp`, since `nbd` flattens as it goes. */
  isFlattened: z.boolean(),
  reason: z.string(),
});
export type CopyPlan = z.infer<typeof CopyPlan>;

/** Where a guest writes while its disk is copied; the suffix says whose it is. */
export const overlayOf = (path: HostPath, owner: string): HostPath =>
  HostPath.parse(`${path}.warm-${owner}`);

/** True if the target must have the disk's backing files. */
export const needsBacking = (disk: DiskPlan, choice: CopyChoice): boolean =>
  disk.handling === 'copy' && choice !== 'nbd' && disk.inspection.backing.length > 0;

/**
 * Plans every disk that is a writable file; volumes stay, and read-only files were brought over before.
 * @param lacking devices whose backing files the target cannot have
 */
export function planCopies(
  disks: readonly DiskPlan[],
  choice: CopyChoice,
  lacking: readonly string[],
  isWarm = false,
): CopyPlan[] {
  return disks.flatMap((disk): CopyPlan[] => {
    const { device, handling, inspection } = disk;
    if (handling === 'shared' && !disk.isReadOnly)
      return [{ device, way: 'move', isFlattened: false, reason: 'on shared storage: a rename' }];
    if (handling !== 'copy') return [];
    const hasChain = inspection.backing.length > 0;
    const isLacking = lacking.includes(device);
    // A disk that is in use is not flattened beforehand.
    if (choice === 'scp' && !(isWarm && isLacking))
      return [{ device, way: 'scp', isFlattened: isLacking, reason: 'asked for' }];
    if (choice === 'nbd' || !hasChain || isLacking) {
      const why = isLacking
        ? 'the target cannot have its backing file'
        : hasChain
          ? 'asked for'
          : 'no backing file to keep';
      return [{ device, way: 'nbd', isFlattened: false, reason: why }];
    }
    const reason = 'the target has its backing file, which stays shared with other guests';
    return [{ device, way: 'scp', isFlattened: false, reason }];
  });
}
