/** `volumes.connectTarget` and its undo. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { DiskPlan } from '../../model/storage.js';
import { connectVolumes } from '../../workflows/steps/storage.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../guest/location.js';

/** L2 F12. */
export const connectVolumesActivity = implement(connectVolumes, (deps) => ({
  async run({ route, disks }) {
    const { target } = await endsOf(deps, route);
    await connectAll(target, disks);
    return {};
  },
  async undo({ route, disks }) {
    const { target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    await disconnectAll(target, disks);
  },
}));

const volumesOf = (disks: readonly DiskPlan[]) =>
  disks.filter(({ handling }) => handling === 'volume');

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
