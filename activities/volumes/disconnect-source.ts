/** `volumes.disconnectSource`. */
import { disconnectVolumes } from '../../workflows/steps/volumes.js';
import { implement } from '../kit/implement.js';
import { requireOnTarget } from '../guest/location.js';
import { disconnectAll, volumesOf } from './connecting.js';

/** Asks both hosts first: a running guest must not lose its disks. */
export const disconnectVolumesActivity = implement(disconnectVolumes, (deps) => ({
  async run({ route, disks }) {
    if (!disks.some(({ handling }) => handling === 'volume')) return {};
    const { source } = await requireOnTarget(deps, route);
    await disconnectAll(source, disks);
    return {};
  },
  describe: ({ route, disks }) =>
    volumesOf(disks).map(({ device }) => `end ${route.source}'s connection of ${device}`),
}));
