/** Files that the target needs before the guest comes: folders, backing files, read-only images. */
import { defined } from '../../model/defined.js';
import { basename } from 'node:path';
import { CodedError } from '../../model/errors.js';
import type { HostPath, MigrationId } from '../../model/ids.js';
import { folderOf } from '../../model/storage.js';
import type { DiskPlan } from '../../model/storage.js';
import type { StepContext } from '../kit/implement.js';
import type { Ends } from '../guest/location.js';
import { lookAtOne } from '../host/uses.js';
import { filesToFetch } from './files.js';

/** A folder on the target, with owner and mode of one on the source. */
export async function makeFolderLike(
  { source, target }: Ends,
  { from, to }: { readonly from: HostPath; readonly to: HostPath },
  owner: MigrationId,
): Promise<void> {
  const like = await lookAtOne(source, from);
  await target.storage.files.makeFolder(to, owner, like);
}

/** The source's file is the truth; the image store serves it if its checksum says that it is the same. */
async function originOf({ source, target }: Ends, path: HostPath) {
  const [sha256, like, image] = await Promise.all([
    source.storage.files.sha256(path),
    lookAtOne(source, path),
    target.images.find(basename(path)).catch((error: unknown) => {
      // An unreachable store is no reason to stop: the source has the file.
      if (error instanceof CodedError && error.code === 'IMAGE_STORE_UNREACHABLE') return undefined;
      throw error;
    }),
  ]);
  return {
    sha256,
    like,
    path,
    bytes: like.sizeBytes,
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
  for (const { from: path, file } of [...filesToFetch(disk)].reverse()) {
    await makeFolderLike(ends, { from: folderOf(path), to: folderOf(file.path) }, owner);
    progress({ fetching: file.path });
    const from = await files.fetch(file, await originOf(ends, path), owner, signal);
    fetched.push({ path: file.path, from });
  }
  return fetched;
}

/** Fetches files that lie beside the disks under the same names. */
export async function fetchBeside(
  ends: Ends,
  paths: readonly HostPath[],
  owner: MigrationId,
  { progress, signal }: StepContext,
): Promise<void> {
  for (const path of paths) {
    await makeFolderLike(ends, { from: folderOf(path), to: folderOf(path) }, owner);
    progress({ fetching: path });
    const origin = await originOf(ends, path);
    const file = { path, format: 'raw' as const, sizeBytes: origin.like.sizeBytes };
    await ends.target.storage.files.fetch(file, origin, owner, signal);
  }
}
