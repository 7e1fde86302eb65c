import { onTarget } from '../../model/storage.js';
import { connectVolumes } from '../../workflows/steps/volumes.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../guest/location.js';
import { connectAll, disconnectAll, volumesOf } from './connecting.js';

/** Connects the target only; the undo refuses while the guest is alive there. */
export const connectVolumesActivity = implement(connectVolumes, (deps) => ({
  async run({ route, disks }) {
    const { target } = await endsOf(deps, route);
    await connectAll(target, disks.map(onTarget));
    return {};
  },
  async undo({ route, disks }) {
    const { target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    await disconnectAll(target, disks.map(onTarget));
  },
  async describe({ route, disks }) {
    const { target } = await endsOf(deps, route);
    return volumesOf(disks.map(onTarget)).flatMap((disk) =>
      target.storage.kindOf(disk).describe(disk),
    );
  },
}));
