/** `disks.prepareTarget` and its undo. */
import { basename, dirname } from 'node:path';
import type { HostDrivers } from '../../drivers/data-centre.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import type { BackingFile, DiskPlan } from '../../model/storage.js';
import { prepareDisks } from '../../workflows/steps/storage.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../kit/location.js';

/** L3 K3. What is made is marked as this migration's; only marked files are ever removed. */
export const prepareDisksActivity = implement(prepareDisks, (deps) => ({
  async run({ route, disks }, { signal, progress }) {
    const ends = await endsOf(deps, route);
    const { files } = ends.target.storage;
    const made: string[] = [];
    // One after the other: two disks may share a backing file.
    for (const disk of travelling(disks)) {
      await files.makeFolder(folderOf(disk), route.migrationId);
      for (const file of [...filesToFetch(disk)].reverse()) {
        await files.makeFolder(dirname(file.path) as HostPath, route.migrationId);
        progress({ fetching: file.path });
        const from = await files.fetch(file, await originOf(ends, file), route.migrationId, signal);
        made.push(`${file.path} (${from})`);
      }
      if (disk.handling === 'copy') {
        await files.makeDisk(disk, route.migrationId);
        made.push(`${disk.device} empty`);
      }
    }
    return { made };
  },
  async undo({ route, disks }) {
    const { target } = await endsOf(deps, route);
    const paths = pathsOf(disks);
    if (paths.length === 0) return;
    await refuseIfOnTarget(target, route);
    await target.storage.files.removeOwned(paths, route.migrationId);
    const left = await target.storage.files.owned(paths, route.migrationId);
    if (left.length === 0) return;
    throw new CodedError('UNDO_UNVERIFIED', `still on ${route.target}: ${left.join(', ')}`, {
      hint: `Remove them on ${route.target} by hand, then retry.`,
      facts: { left },
    });
  },
}));

const travelling = (disks: readonly DiskPlan[]) =>
  disks.filter(({ handling }) => handling === 'copy' || handling === 'static');

const pathOf = ({ source, device }: DiskPlan): HostPath => {
  if (source.kind === 'file') return source.path;
  throw new CodedError('BUG', `${device} travels but is no file`);
};
const folderOf = (disk: DiskPlan): HostPath => dirname(pathOf(disk)) as HostPath;

/** A copied disk needs what is below it; a read-only one travels as it is, with what is below it. */
function filesToFetch(disk: DiskPlan): BackingFile[] {
  const { backing, allocatedBytes } = disk.inspection;
  if (disk.handling === 'copy') return backing;
  return [{ path: pathOf(disk), format: disk.format, sizeBytes: allocatedBytes }, ...backing];
}

/** Everything that the step may have made: files first, then their folders. */
export function pathsOf(disks: readonly DiskPlan[]): HostPath[] {
  const files = travelling(disks).flatMap((disk) => [
    pathOf(disk),
    ...filesToFetch(disk).map(({ path }) => path),
  ]);
  const folders = files.map((file) => dirname(file) as HostPath);
  return [...new Set([...files, ...folders])];
}

/** The source's file is the truth; the image store serves it if its checksum says that it is the same. */
async function originOf(
  { source, target }: { source: HostDrivers; target: HostDrivers },
  { path }: BackingFile,
) {
  const [sha256, image] = await Promise.all([
    source.storage.files.sha256(path),
    target.images.find(basename(path)).catch((error: unknown) => {
      // A store that is away is no reason to stop: the source has the file.
      if (error instanceof CodedError && error.code === 'IMAGE_STORE_UNREACHABLE') return undefined;
      throw error;
    }),
  ]);
  return {
    sha256,
    from: source.host.name,
    ...(image?.sha256 === sha256 ? { imageUrl: image.url } : {}),
  };
}
