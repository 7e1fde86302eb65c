/** `source.destroy`: the definition, then the copied disks; never what is shared, never a volume. */
import { folderOf, isOwnFolder, surplusFiles } from '../../model/storage.js';
import { destroySource } from '../../workflows/steps/source.js';
import { implement } from '../kit/implement.js';
import { requireOnTarget } from '../kit/location.js';

/** F17. */
export const destroySourceActivity = implement(destroySource, (deps) => ({
  async run({ route, disks }) {
    const { source } = await requireOnTarget(deps, route);
    await source.hypervisor.undefine(route.uuid);
    const files = surplusFiles(disks, route);
    const folders = files.map(folderOf).filter((folder) => isOwnFolder(folder, route));
    if (files.length > 0) await source.storage.files.remove([...new Set([...files, ...folders])]);
    return {};
  },
}));
