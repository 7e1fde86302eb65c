/** `storage.precheck`: a probe file in each folder, written on the source and looked for on the target. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import type { StorageKind } from '../../drivers/storage.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath, MigrationId } from '../../model/ids.js';
import {
  fileOf,
  folderOf,
  type Disk,
  type DiskInspection,
  type DiskPlan,
} from '../../model/storage.js';
import { precheckStorage } from '../../workflows/steps/storage.js';
import { endsOf, implement } from '../kit/implement.js';

/** L1 K2 K3. Both hosts take part; the probe is removed whatever happens. */
export const precheckStorageActivity = implement(precheckStorage, (deps) => ({
  async run({ route, disks }) {
    const { source, target } = await endsOf(deps, route);
    const folders = new Set(disks.flatMap(foldersOf));
    const [inspected, shared] = await Promise.all([
      Promise.all(
        disks.map(async (disk) => {
          const kind = source.storage.kindOf(disk);
          return { disk, kind, inspection: await kind.inspect(disk) };
        }),
      ),
      Promise.all(
        [...folders].map(
          async (folder) =>
            [folder, await isShared(source, target, folder, route.migrationId)] as const,
        ),
      ),
    ]);
    const isSharedAt = new Map(shared);
    return { disks: inspected.map((each) => planOf(each, isSharedAt)) };
  },
  async undo({ route, disks }) {
    const { source } = await endsOf(deps, route);
    for (const folder of new Set(disks.flatMap(foldersOf))) {
      await source.storage.files.removeProbe(folder, route.migrationId);
    }
  },
}));

const foldersOf = (disk: Disk): HostPath[] => {
  const file = fileOf(disk);
  return file ? [folderOf(file)] : [];
};

async function isShared(
  source: HostDrivers,
  target: HostDrivers,
  folder: HostPath,
  token: MigrationId,
): Promise<boolean> {
  try {
    await source.storage.files.writeProbe(folder, token);
    return await target.storage.files.readProbe(folder, token);
  } finally {
    await source.storage.files.removeProbe(folder, token);
  }
}

interface Inspected {
  readonly disk: Disk;
  readonly kind: StorageKind;
  readonly inspection: DiskInspection;
}

function planOf(
  { disk, kind, inspection }: Inspected,
  shared: ReadonlyMap<HostPath, boolean>,
): DiskPlan {
  const [folder] = foldersOf(disk);
  if (kind.abilities.isVolume)
    return { ...disk, inspection, handling: 'volume', reason: 'a volume, reached from every host' };
  if (folder && shared.get(folder))
    return {
      ...disk,
      inspection,
      handling: 'shared',
      reason: `the target sees the source's probe in ${folder}`,
    };
  if (disk.isReadOnly)
    return {
      ...disk,
      inspection,
      handling: 'static',
      reason: 'read-only and not shared: copied beforehand',
    };
  if (kind.abilities.canCopy)
    return {
      ...disk,
      inspection,
      handling: 'copy',
      reason: `${folder ?? ''} is not shared: the disk travels too`,
    };
  throw new CodedError(
    'STORAGE_UNSUITABLE',
    `${disk.device} is neither shared nor can it be copied`,
    {
      hint: 'Put it on shared storage or on a volume.',
    },
  );
}
