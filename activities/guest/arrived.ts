/** Files as they are now: what a move has brought, and what it has left behind. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Arrived } from '../../model/arrived.js';
import type { HostPath } from '../../model/ids.js';
import { arrivingFiles, copiedDisks, type DiskPlan } from '../../model/storage.js';
import { stateFilesOf } from '../disks/state.js';

/** Inodes stay through a restart of the host; devices are counted anew. */
const inodeOf = (id: string): string => id.slice(id.indexOf(':') + 1);

/** Those of these files that are there now. */
export async function seenNow(
  { storage }: HostDrivers,
  paths: readonly HostPath[],
): Promise<Arrived[]> {
  const wanted = [...new Set(paths)];
  const seen = wanted.length > 0 ? await storage.files.look(wanted) : [];
  return seen.flatMap(({ kind, id, changedAt }, index) => {
    const path = wanted[index];
    return path === undefined || kind === 'absent' ? [] : [{ path, inode: inodeOf(id), changedAt }];
  });
}

/** The copied disks on the target, and what a TPM has there. */
export async function arrivedOn(
  target: HostDrivers,
  disks: readonly DiskPlan[],
  state: readonly HostPath[] = [],
): Promise<Arrived[]> {
  const belongings = await stateFilesOf(target, state);
  return seenNow(target, [...arrivingFiles(copiedDisks(disks)), ...belongings]);
}

/** Files that are others now, or were changed since; of one that was not seen before, or without its time, nothing is said. */
export const changedSince = (before: readonly Arrived[], now: readonly Arrived[]): Arrived[] =>
  now.filter((file) => {
    const then = before.find(({ path }) => path === file.path);
    if (!then) return false;
    const isChanged = then.changedAt !== undefined && then.changedAt !== file.changedAt;
    return isChanged || isAnother(then, file);
  });

/** Another file under the same name. */
export const isAnother = (before: Arrived, now: Arrived): boolean =>
  before.path === now.path && before.inode !== now.inode;
