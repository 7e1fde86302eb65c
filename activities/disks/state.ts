/** State that libvirt keeps in a folder beside the disks, for a cold move: a TPM's. Small files, brought through drover, by checksum. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { folderOf } from '../../model/storage.js';
import type { StepContext } from '../kit/implement.js';
import type { Ends } from '../guest/location.js';
import { lookAtOne } from '../host/uses.js';
import { makeFolderLike } from './fetching.js';
import type { Fleet } from '../host/elsewhere.js';
import { removeUnused } from './made.js';

/** The files of a folder. */
const stateFilesIn = async ({ storage }: HostDrivers, folder: HostPath): Promise<HostPath[]> => {
  const names = (await storage.files.within(folder)).filter(
    // A lock is its process's own, and a mark is drover's.
    (path) => !path.endsWith('/.lock') && !path.includes('.drover-'),
  );
  return names.map((path) => HostPath.parse(path));
};

/** The same of several folders. */
export async function stateFilesOf(
  host: HostDrivers,
  folders: readonly HostPath[],
): Promise<HostPath[]> {
  const files: HostPath[] = [];
  for (const folder of folders) files.push(...(await stateFilesIn(host, folder)));
  return files;
}

/** libvirt makes them itself where they are missing: the folder, the VM's and the one for all. */
const foldersOf = (folder: HostPath): HostPath[] => [
  folderOf(folderOf(folder)),
  folderOf(folder),
  folder,
];

/** Brings every file of these folders. A guest that has not been started yet has none. */
export async function carryState(
  ends: Ends,
  route: Route,
  folders: readonly HostPath[],
  { progress, signal }: StepContext,
): Promise<void> {
  const { source, target } = ends;
  for (const folder of folders) {
    const files = await stateFilesIn(source, folder);
    if (files.length === 0) continue;
    for (const each of foldersOf(folder))
      await makeFolderLike(ends, { from: each, to: each }, route.migrationId);
    for (const path of files) {
      progress({ fetching: path });
      const [sha256, like] = await Promise.all([
        source.storage.files.sha256(path),
        lookAtOne(source, path),
      ]);
      const file = { path, format: 'raw' as const, sizeBytes: 0 };
      const origin = { sha256, like, bytes: like.sizeBytes, path, from: source.host.name };
      await target.storage.files.fetch(file, origin, route.migrationId, signal);
    }
  }
}

/** Removes what was brought. @returns what stays, with who uses it */
export async function removeState(
  fleet: Fleet,
  target: HostDrivers,
  route: Route,
  folders: readonly HostPath[],
): Promise<string[]> {
  const kept: string[] = [];
  for (const folder of folders) {
    const paths = [...(await stateFilesIn(target, folder)), ...foldersOf(folder).reverse()];
    kept.push(...(await removeUnused(fleet, target, route, paths)));
  }
  return kept;
}

/** It stays for good. */
export async function keepState(target: HostDrivers, folders: readonly HostPath[]): Promise<void> {
  for (const folder of folders)
    await target.storage.files.keep([
      ...(await stateFilesIn(target, folder)),
      ...foldersOf(folder),
    ]);
}
