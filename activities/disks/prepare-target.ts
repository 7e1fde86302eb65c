/** `disks.prepareTarget` and its undo. */
import { deviceInto, folderOf, formatThere, onTarget } from '../../model/storage.js';
import { prepareDisks } from '../../workflows/steps/disks.js';
import { endsOf, implement } from '../kit/implement.js';
import { lookAtOne } from '../host/uses.js';
import { fetchLines, pathOf, targetPathOf, travelling } from './files.js';
import { takeDevice, takeLine } from './into-devices.js';
import { removeMade } from './made.js';
import { makeFolderLike, fetchAll } from './fetching.js';

/** L3 K3. What is made is marked as this migration's; only marked files are ever removed. */
export const prepareDisksActivity = implement(prepareDisks, (deps) => ({
  async run({ route, disks }, context) {
    const ends = await endsOf(deps, route);
    const { files } = ends.target.storage;
    const made: string[] = [];
    // One after the other: two disks may share a backing file.
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
      const fetched = await fetchAll(ends, disk, route.migrationId, context);
      made.push(...fetched.map(({ path, from }) => `${path} (${from})`));
      if (disk.handling === 'copy') {
        await files.makeDisk(
          onTarget(disk),
          route.migrationId,
          await lookAtOne(ends.source, pathOf(disk)),
        );
        made.push(`${disk.device} empty`);
      }
    }
    return { made };
  },
  undo: async ({ route, disks }) =>
    removeMade(deps, (await endsOf(deps, route)).target, route, disks),
  describe: ({ disks }) =>
    travelling(disks).flatMap((disk) => [
      ...fetchLines(disk),
      deviceInto(disk)
        ? takeLine(disk)
        : `${disk.handling === 'copy' ? 'qemu-img create' : 'copy'} ${targetPathOf(disk)} (${formatThere(disk)}, ${disk.inspection.capacityBytes} bytes)`,
    ]),
}));
