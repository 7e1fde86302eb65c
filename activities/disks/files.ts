/** The files of the disks that travel. */
import { present } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import { folderOf, imageOf, isConverted, onTarget, targetFileOf } from '../../model/storage.js';
import type { BackingFile, DiskPlan } from '../../model/storage.js';

/** Disks whose files travel. */
export const travelling = (disks: readonly DiskPlan[]) =>
  disks.filter(({ handling }) => handling === 'copy' || handling === 'static');

/** The file or the block device of a disk that travels, on the source. */
export const pathOf = (disk: DiskPlan): HostPath => {
  const path = imageOf(disk);
  if (path) return path;
  throw new CodedError('BUG', `${disk.device} travels but is neither a file nor a device`);
};

/** The same on the target. */
export const targetPathOf = (disk: DiskPlan): HostPath => pathOf(onTarget(disk));

/** A file to bring: from where it is on the source to where it is to be on the target. */
export interface Fetched {
  readonly from: HostPath;
  readonly file: BackingFile;
}

/** A copied disk needs what is below it; a read-only one travels as it is, with what is below it. */
export function filesToFetch(disk: DiskPlan): Fetched[] {
  if (isConverted(disk)) return [];
  const { backing, allocatedBytes } = disk.inspection;
  const below = backing.map((file) => ({ from: file.path, file }));
  if (disk.handling === 'copy') return below;
  const file = { path: targetPathOf(disk), format: disk.format, sizeBytes: allocatedBytes };
  return [{ from: pathOf(disk), file }, ...below];
}

/** Everything that a migration may have made on its target for these disks: files first, then their folders. */
export function pathsOf(disks: readonly DiskPlan[]): HostPath[] {
  const files = travelling(disks).flatMap((disk) => [
    ...present([targetFileOf(disk)]),
    ...disk.inspection.backing.map(({ path }) => path),
  ]);
  return [...new Set([...files, ...files.map(folderOf)])];
}

/** What is brought below a disk, in a dry run's words. */
export const fetchLines = (disk: DiskPlan): string[] =>
  isConverted(disk)
    ? []
    : disk.inspection.backing.map(({ path }) => `fetch ${path} unless it is there, by checksum`);
