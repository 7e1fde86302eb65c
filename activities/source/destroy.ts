/** `source.destroy`: the definition, then the copied disks; never what is shared, never a volume, never what somebody else uses. */
import {
  fileOf,
  ownFolderOf,
  surplusFiles,
  travellingFiles,
  travels,
} from '../../model/storage.js';
import { destroySource } from '../../workflows/steps/source.js';
import { changedSince, definitionChanged } from '../definition/as-read.js';
import type { Route } from '../../model/route.js';
import { shellWord } from '../../model/shell-word.js';
import { implement } from '../kit/implement.js';
import { devicesLeft } from '../disks/into-devices.js';
import { relistOnSource } from '../disks/pools.js';
import { requireOnTarget } from '../guest/location.js';
import { goneFrom } from './gone.js';
import { requireStillMoved } from './still-moved.js';
import { removeUnlessUsed } from './surplus.js';

/** QEMU sent a TPM's state along with the memory, so the one on the source goes too. */
export const destroySourceActivity = implement(destroySource, (deps) => ({
  async run({ route, disks, asRead }) {
    const { source } = await requireOnTarget(deps, route);
    const changed = await changedSince(source, route, asRead);
    if (changed.length > 0) throw definitionChanged(route, changed, waysOutOf(route));
    const files = surplusFiles(disks, route);
    const expected = files.map((path) => ({ path, before: path }));
    const gone = await goneFrom(source, route, expected);
    const askAgain = () => requireStillMoved(deps, route);
    await askAgain();
    await source.hypervisor.undefine(route.uuid, ['TPM state']);
    const folders = disks
      .filter((disk) => travels(disk) && fileOf(disk))
      .flatMap((disk) => ownFolderOf(disk, route) ?? []);
    const paths = [...files, ...folders];
    const kept = await removeUnlessUsed(deps, source, route, paths, { askAgain });
    await relistOnSource(source, disks);
    return { kept: [...kept, ...devicesLeft(route, disks)], gone };
  },
  describe: ({ route, disks }) => [
    `virDomainUndefineFlags on ${route.source}`,
    ...travellingFiles(disks).map((path) => `rm ${path}`),
  ],
}));

/** The guest runs on the target, and nothing can be taken back. */
const waysOutOf = ({ name, source, target }: Route): string =>
  `Nothing was removed. Read it on ${source} (virsh dumpxml --inactive ${shellWord(name)}) and make the change on ${target} too, if it is wanted there; then, on ${source}: virsh undefine --keep-nvram --keep-tpm ${shellWord(name)}, and retry: the rest is removed. Or take it back there (virsh edit) and retry.`;
