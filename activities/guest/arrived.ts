/** Files as they are now: what a move has brought, and what it has left behind. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Arrived } from '../../model/arrived.js';
import type { CopyPlan } from '../../model/copy.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import {
  arrivingFiles,
  asideOf,
  copiedDisks,
  fileOf,
  setAsidesOf,
  type DiskPlan,
} from '../../model/storage.js';
import { stateFilesOf } from '../disks/state.js';

/** Inodes stay through a restart of the host; devices are counted anew. */
const inodeOf = (id: string): string => id.slice(id.indexOf(':') + 1);

/** Those of these files that are there now. */
async function look({ storage }: HostDrivers, paths: readonly HostPath[]) {
  const wanted = [...new Set(paths)];
  const seen = wanted.length > 0 ? await storage.files.look(wanted) : [];
  return seen.flatMap((facts, index) => {
    const path = wanted[index];
    return path === undefined || facts.kind === 'absent' ? [] : [{ ...facts, path }];
  });
}

/** The same, with all by which one may be told from another. */
export const seenNow = async (
  host: HostDrivers,
  paths: readonly HostPath[],
): Promise<Required<Omit<Arrived, 'sha256'>>[]> =>
  (await look(host, paths)).map(({ path, id, changedAt, writtenAt, sizeBytes }) => ({
    path,
    inode: inodeOf(id),
    changedAt,
    writtenAt,
    sizeBytes,
  }));

/** Told by their content's time and length: who puts one back by a copy that keeps them has brought it back. */
export const byContent = async (
  host: HostDrivers,
  paths: readonly HostPath[],
): Promise<Arrived[]> =>
  (await seenNow(host, paths)).map(({ changedAt: _changedAt, ...file }) => file);

/** Told by what they are: another file with the same content is another. */
const byItself = async (host: HostDrivers, paths: readonly HostPath[]): Promise<Arrived[]> =>
  (await seenNow(host, paths)).map(({ path, inode, changedAt }) => ({ path, inode, changedAt }));

/** What a move brings besides the definition. */
interface Brought {
  readonly disks: readonly DiskPlan[];
  readonly state: readonly HostPath[];
  readonly copies: readonly CopyPlan[];
  readonly snapshotFiles: readonly HostPath[];
}

/**
 * The copied disks on the target, what a TPM has there, and what the disks lie over, as far as that came with them; and what goes
 * from the source with the guest's own folder: images that it only reads, and the memory of its snapshots.
 */
export async function arrivedOn(
  target: HostDrivers,
  route: Route,
  { disks, state, copies, snapshotFiles }: Brought,
): Promise<Arrived[]> {
  const belongings = await stateFilesOf(target, state);
  const asides = setAsidesOf(copiedDisks(disks), route);
  const isOfFolder = (path: HostPath | undefined) =>
    path !== undefined && asideOf(path, asides) !== path;
  const read = disks.filter((disk) => disk.handling === 'static' && isOfFolder(fileOf(disk)));
  const beside = [...arrivingFiles(read), ...snapshotFiles.filter(isOfFolder)];
  return [
    ...(await byItself(target, [...arrivingFiles(copiedDisks(disks)), ...belongings])),
    ...(await byContent(target, [...backingOf(disks, copies), ...beside])),
  ];
}

/** Files below the disks that were copied as the files that they are. */
const backingOf = (disks: readonly DiskPlan[], copies: readonly CopyPlan[]): HostPath[] =>
  disks
    .filter(({ device }) =>
      copies.some((copy) => copy.device === device && copy.way === 'scp' && !copy.isFlattened),
    )
    .flatMap(({ inspection }) => inspection.backing.map(({ path }) => path));

/** Files that are others now, or were changed since; of one that was not seen before, or without its time, nothing is said. */
const changedSince = (before: readonly Arrived[], now: readonly Arrived[]): Arrived[] =>
  now.filter((file) => {
    const then = before.find(({ path }) => path === file.path);
    if (!then) return false;
    if (then.writtenAt !== undefined)
      return then.writtenAt !== file.writtenAt || then.sizeBytes !== file.sizeBytes;
    const isChanged = then.changedAt !== undefined && then.changedAt !== file.changedAt;
    return isChanged || isAnother(then, file);
  });

/** Of files that were there, those that are gone, and those that are others or were changed since. */
export const lostSince = (before: readonly Arrived[], now: readonly Arrived[]): Arrived[] => [
  ...before.filter((file) => !now.some(({ path }) => path === file.path)),
  ...changedSince(before, now),
];

/** Another file under the same name. */
export const isAnother = (before: Arrived, now: Arrived): boolean =>
  before.path === now.path && before.inode !== now.inode;
