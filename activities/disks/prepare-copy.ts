/** `disks.prepareCopy` and its undo. */
import { arrivingFiles, deviceInto, folderOf } from '../../model/storage.js';
import { CodedError } from '../../model/errors.js';
import { prepareFolders } from '../../workflows/steps/disks.js';
import { endsOf, implement } from '../kit/implement.js';
import { fetchAll, fetchBeside, makeFolderLike } from './fetching.js';
import { takeDevice, takeLine } from './into-devices.js';
import { removeMade } from './made.js';
import { fetchLines, pathOf, targetPathOf, travelling } from './files.js';

/** What keeps a backing file from the target, and is no reason to stop: the disk is flattened instead (C3). */
const LACKING = new Set(['TARGET_STALE', 'CHECKSUM_MISMATCH', 'TARGET_DISK_FULL']);

/** L3. The folder first, then what is read-only, then what lies below the disks. */
export const prepareFoldersActivity = implement(prepareFolders, (deps) => ({
  async run({ route, disks, needBacking, snapshotFiles }, context) {
    const ends = await endsOf(deps, route);
    const made: string[] = [];
    const lacking: string[] = [];
    for (const disk of travelling(disks)) {
      if (deviceInto(disk)) {
        made.push(await takeDevice(ends, disk, route, context));
        continue;
      }
      await makeFolderLike(
        ends,
        { from: folderOf(pathOf(disk)), to: folderOf(targetPathOf(disk)) },
        route.migrationId,
      );
      if (disk.handling === 'copy' && !needBacking.includes(disk.device)) continue;
      try {
        const fetched = await fetchAll(ends, disk, route.migrationId, context);
        made.push(...fetched.map(({ path }) => path));
      } catch (error) {
        const isLacking = error instanceof CodedError && LACKING.has(error.code);
        if (disk.handling !== 'copy' || !isLacking) throw error;
        lacking.push(disk.device);
      }
    }
    await fetchBeside(ends, snapshotFiles, route.migrationId, context);
    return { made: [...made, ...snapshotFiles], lacking };
  },
  undo: async ({ route, disks, snapshotFiles }) =>
    removeMade(deps, (await endsOf(deps, route)).target, route, disks, snapshotFiles),
  describe: ({ disks }) => [
    ...arrivingFiles(disks.filter(({ handling }) => handling === 'static')).map(
      (path) => `bring ${path}`,
    ),
    ...disks.filter(({ handling }) => handling === 'copy').flatMap(fetchLines),
    ...disks.filter(deviceInto).map(takeLine),
  ],
}));
