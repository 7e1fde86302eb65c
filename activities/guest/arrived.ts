/** The files that a move has brought, told apart from others that come under their names later. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Arrived } from '../../model/arrived.js';
import { arrivingFiles, copiedDisks, type DiskPlan } from '../../model/storage.js';

/** Inodes stay through a restart of the host; devices are counted anew. */
const inodeOf = (id: string): string => id.slice(id.indexOf(':') + 1);

/** Those that are there now. */
export async function arrivedOn(
  { storage }: HostDrivers,
  disks: readonly DiskPlan[],
): Promise<Arrived[]> {
  const wanted = [...new Set(arrivingFiles(copiedDisks(disks)))];
  const seen = wanted.length > 0 ? await storage.files.look(wanted) : [];
  return seen.flatMap(({ kind, id }, index) => {
    const path = wanted[index];
    return path === undefined || kind === 'absent' ? [] : [{ path, inode: inodeOf(id) }];
  });
}
