/** `source.destroy`: the definition, then the copied disks; never what is shared, never a volume, never what somebody else uses. */
import {
  fileOf,
  ownFolderOf,
  surplusFiles,
  travellingFiles,
  travels,
} from '../../model/storage.js';
import { destroySource } from '../../workflows/steps/source.js';
import { implement } from '../kit/implement.js';
import { relistOnSource } from '../disks/pools.js';
import { requireOnTarget } from '../guest/location.js';
import { removeUnlessUsed } from './surplus.js';

/** QEMU sent a TPM's state along with the memory, so the one on the source goes too. */
export const destroySourceActivity = implement(destroySource, (deps) => ({
  async run({ route, disks }) {
    const { source } = await requireOnTarget(deps, route);
    await source.hypervisor.undefine(route.uuid, ['TPM state']);
    const folders = disks
      .filter((disk) => travels(disk) && fileOf(disk))
      .flatMap((disk) => ownFolderOf(disk, route) ?? []);
    const kept = await removeUnlessUsed(deps, source, route, [
      ...surplusFiles(disks, route),
      ...folders,
    ]);
    await relistOnSource(source, disks);
    return { kept };
  },
  describe: ({ route, disks }) => [
    `virDomainUndefineFlags on ${route.source}`,
    ...travellingFiles(disks).map((path) => `rm ${path}`),
  ],
}));
