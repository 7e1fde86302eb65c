/** The files of the disks that travel. */
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import { fileOf, folderOf } from '../../model/storage.js';
import type { BackingFile, DiskPlan } from '../../model/storage.js';

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
export function filesToFetch(disk: DiskPlan): BackingFile[] {
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

/** What is brought below a disk, in a dry run's words. */
export const fetchLines = ({ inspection }: DiskPlan): string[] =>
  inspection.backing.map(({ path }) => `fetch ${path} unless it is there, by checksum`);
