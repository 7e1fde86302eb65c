/** Storage pools that list a guest's disks: libvirt looks into them only when it is told to. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { poolsOf, type Disk } from '../../model/storage.js';

/** On the target, once the files are there, or are gone again. */
export async function relistOnTarget(
  { hypervisor }: HostDrivers,
  disks: readonly Disk[],
): Promise<void> {
  for (const pool of poolsOf(disks).there) await hypervisor.refreshPool(pool);
}

/** On the source, once the files are gone, or before a guest starts with those that are back. */
export async function relistOnSource(
  { hypervisor }: HostDrivers,
  disks: readonly Disk[],
): Promise<void> {
  for (const pool of poolsOf(disks).here) await hypervisor.refreshPool(pool);
}
