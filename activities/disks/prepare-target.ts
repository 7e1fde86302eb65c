/** `disks.prepareTarget` and its undo. */
import { defined } from '../../model/defined.js';
import { basename } from 'node:path';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath, MigrationId } from '../../model/ids.js';
import { fileOf, folderOf, type BackingFile, type DiskPlan } from '../../model/storage.js';
import type { Route } from '../../model/migration.js';
import { prepareDisks } from '../../workflows/steps/storage.js';
import { endsOf, implement, type StepContext } from '../kit/implement.js';
import { refuseIfOnTarget, type Ends } from '../guest/location.js';
import { lookAtOne, usesOn } from '../host/uses.js';

/** L3 K3. What is made is marked as this migration's; only marked files are ever removed. */
export const prepareDisksActivity = implement(prepareDisks, (deps) => ({
  async run({ route, disks }, context) {
    const ends = await endsOf(deps, route);
    const { files } = ends.target.storage;
    const made: string[] = [];
    // One after the other: two disks may share a backing file.
    for (const disk of travelling(disks)) {
      await makeFolderLike(ends, folderOf(pathOf(disk)), route.migrationId);
      const fetched = await fetchAll(ends, disk, route.migrationId, context);
      made.push(...fetched.map(({ path, from }) => `${path} (${from})`));
      if (disk.handling === 'copy') {
        await files.makeDisk(disk, route.migrationId, await lookAtOne(ends.source, pathOf(disk)));
        made.push(`${disk.device} empty`);
      }
    }
    return { made };
  },
  undo: async ({ route, disks }) => removeMade((await endsOf(deps, route)).target, route, disks),
}));

/** A folder on the target as the source has it: the same owner, the same mode. */
export async function makeFolderLike(
  { source, target }: Ends,
  folder: HostPath,
  owner: MigrationId,
): Promise<void> {
  const like = await lookAtOne(source, folder);
  await target.storage.files.makeFolder(folder, owner, like);
}

/**
 * Removes what a migration has made on its target, and looks whether it is gone. What somebody there uses by now stays, and is
 * nobody's copy any more.
 * @throws UNDO_UNVERIFIED
 */
export async function removeMade(
  target: HostDrivers,
  route: Route,
  disks: readonly DiskPlan[],
): Promise<void> {
  const paths = pathsOf(disks);
  if (paths.length === 0) return;
  await refuseIfOnTarget(target, route);
  await removeUnused(target, route, paths);
  const left = await target.storage.files.owned(paths, route.migrationId);
  if (left.length === 0) return;
  throw new CodedError('UNDO_UNVERIFIED', `still on ${route.target}: ${left.join(', ')}`, {
    hint: `Remove them on ${route.target} by hand, then retry.`,
    facts: { left },
  });
}

/**
 * Removes what this migration has marked among these paths. What another domain there uses by now stays, and is that one's.
 * @throws UNDO_UNVERIFIED if a domain does not tell what it uses
 */
export async function removeUnused(
  target: HostDrivers,
  route: Route,
  paths: readonly HostPath[],
): Promise<void> {
  const { files } = target.storage;
  const made = await files.owned(paths, route.migrationId);
  const used = made.length > 0 ? await usedFor(target, route, made) : [];
  if (used.length > 0) await files.keep(used);
  await files.removeOwned(
    paths.filter((path) => !used.includes(path)),
    route.migrationId,
  );
}

async function usedFor(
  target: HostDrivers,
  route: Route,
  made: readonly HostPath[],
): Promise<HostPath[]> {
  const uses = await usesOn(target, route.uuid);
  const [untold] = uses.untold;
  if (untold !== undefined)
    throw new CodedError(
      'UNDO_UNVERIFIED',
      `${made.join(', ')} may be in use on ${route.target}: ${untold}`,
      { hint: 'Mend that domain, then retry.', facts: { made } },
    );
  const facts = await target.storage.files.look(made);
  return made.filter((_path, index) => uses.of(facts[index] as FileFacts).length > 0);
}

/** Disks whose files travel. */
export const travelling = (disks: readonly DiskPlan[]) =>
  disks.filter(({ handling }) => handling === 'copy' || handling === 'static');

/** The file of a disk that travels. */
export const pathOf = (disk: DiskPlan): HostPath => {
  const path = fileOf(disk);
  if (path) return path;
  throw new CodedError('BUG', `${disk.device} travels but is no file`);
};

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
  return [...new Set([...files, ...files.map(folderOf)])];
}

/** The source's file is the truth; the image store serves it if its checksum says that it is the same. */
async function originOf({ source, target }: Ends, { path }: BackingFile) {
  const [sha256, like, image] = await Promise.all([
    source.storage.files.sha256(path),
    lookAtOne(source, path),
    target.images.find(basename(path)).catch((error: unknown) => {
      // A store that is away is no reason to stop: the source has the file.
      if (error instanceof CodedError && error.code === 'IMAGE_STORE_UNREACHABLE') return undefined;
      throw error;
    }),
  ]);
  return {
    sha256,
    like,
    from: source.host.name,
    ...defined({ imageUrl: image?.sha256 === sha256 ? image.url : undefined }),
  };
}

/** Fetches what a disk needs, the lowest file first, and says where each came from. */
export async function fetchAll(
  ends: Ends,
  disk: DiskPlan,
  owner: MigrationId,
  { progress, signal }: StepContext,
) {
  const { files } = ends.target.storage;
  const fetched: { path: HostPath; from: string }[] = [];
  for (const file of [...filesToFetch(disk)].reverse()) {
    await makeFolderLike(ends, folderOf(file.path), owner);
    progress({ fetching: file.path });
    const from = await files.fetch(file, await originOf(ends, file), owner, signal);
    fetched.push({ path: file.path, from });
  }
  return fetched;
}
