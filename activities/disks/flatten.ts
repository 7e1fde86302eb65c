/** `disks.flatten` and its undo. */
import { CodedError } from '../../model/errors.js';
import { folderOf } from '../../model/storage.js';
import { flatten } from '../../workflows/steps/disks.js';
import { endsOf, implement } from '../kit/implement.js';
import { knownFree } from '../host/free.js';
import { flattenedOf } from './orders.js';

/** C3. The flat image lies beside what was set aside, and goes with it. */
export const flattenActivity = implement(flatten, (deps) => ({
  async run(input, { signal }) {
    const { source } = await endsOf(deps, input.route);
    for (const { disk, chain, flat } of flattenedOf(input)) {
      const { freeBytes } = await source.storage.files.room(folderOf(flat));
      if (freeBytes < disk.inspection.capacityBytes) {
        throw new CodedError(
          'SOURCE_DISK_FULL',
          `flattening ${disk.device} may need ${disk.inspection.capacityBytes} bytes, ${input.route.source} has ${freeBytes}`,
          { hint: 'Ask for --copy nbd: it flattens on its way and needs no room on the source.' },
        );
      }
      await source.storage.copier.flatten(chain, flat, signal, disk.inspection.made);
    }
    return {};
  },
  async undo(input) {
    const { source } = await endsOf(deps, input.route);
    const flats = knownFree(
      flattenedOf(input).map(({ flat }) => flat),
      'their names have the id of this migration',
    );
    if (flats.length > 0) await source.storage.files.remove(flats);
  },
  describe: (planned) =>
    flattenedOf(planned).map(
      ({ disk }) => `qemu-img convert ${disk.device} to one flat qcow2 on ${planned.route.source}`,
    ),
}));
