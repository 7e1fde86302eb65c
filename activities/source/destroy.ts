/** `source.destroy`: the definition, then the copied disks; never what is shared, never a volume, never what somebody else uses. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/migration.js';
import { fileOf, ownFolderOf, surplusFiles, travels } from '../../model/storage.js';
import { destroySource } from '../../workflows/steps/source.js';
import { implement } from '../kit/implement.js';
import { requireOnTarget } from '../guest/location.js';
import { usedAmong } from '../host/uses.js';

/** F17. QEMU has taken a TPM's state along with the memory. */
export const destroySourceActivity = implement(destroySource, (deps) => ({
  async run({ route, disks }) {
    const { source } = await requireOnTarget(deps, route);
    await source.hypervisor.undefine(route.uuid, ['TPM state']);
    const folders = disks
      .filter((disk) => travels(disk) && fileOf(disk))
      .flatMap((disk) => ownFolderOf(disk, route) ?? []);
    return {
      kept: await removeUnlessUsed(source, route, [...surplusFiles(disks, route), ...folders]),
    };
  },
}));

/** Removes files, then the folders that are empty by then. Returns those that others use, with who: they stay. */
export async function removeUnlessUsed(
  source: HostDrivers,
  route: Route,
  paths: readonly HostPath[],
): Promise<string[]> {
  const wanted = [...new Set(paths)];
  const used = await usedAmong(source, route.uuid, wanted);
  const free = wanted.filter((path) => !used.has(path));
  if (free.length > 0) await source.storage.files.remove(free);
  return [...used].map(([path, by]) => `${path}, used by ${by}`);
}
