/** A host's connections to a guest's volumes. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { DiskPlan } from '../../model/storage.js';
/** Connects every volume among the disks to one host. */
export const connectAll = async (
  { storage }: HostDrivers,
  disks: readonly DiskPlan[],
): Promise<void> => {
  await Promise.all(volumesOf(disks).map((disk) => storage.kindOf(disk).connect(disk)));
};

/** Ends one host's connections to every volume among the disks. */
export const disconnectAll = async (
  { storage }: HostDrivers,
  disks: readonly DiskPlan[],
): Promise<void> => {
  await Promise.all(volumesOf(disks).map((disk) => storage.kindOf(disk).disconnect(disk)));
};

/** The disks that are volumes. */
export const volumesOf = <D extends DiskPlan>(disks: readonly D[]): D[] =>
  disks.filter(({ handling }) => handling === 'volume');
