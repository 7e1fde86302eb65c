/** `volumes.detachSource` and its undo. */
import { detachSource } from '../../workflows/steps/volumes.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget, requireOff } from '../guest/location.js';
import { connectAll, disconnectAll, volumesOf } from './connecting.js';

/** Refuses while the guest is on; the undo connects the volumes again. */
export const detachSourceActivity = implement(detachSource, (deps) => ({
  async run({ route, disks }) {
    const { source } = await endsOf(deps, route);
    await requireOff(source, route);
    await disconnectAll(source, disks);
    return {};
  },
  async undo({ route, disks }) {
    const { source, target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    await connectAll(source, disks);
  },
  describe: ({ route, disks }) =>
    volumesOf(disks).map(({ device }) => `end ${route.source}'s connection of ${device}`),
}));
