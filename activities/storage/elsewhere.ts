/**
 * Hosts that the move does not name, but that see the same storage: what is copied away is removed from it in the end, and there
 * may be guests of theirs whose disks lie over it.
 */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { isAway } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import { objection, type Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import { fileOf, folderOf, type DiskPlan } from '../../model/storage.js';
import type { Deps } from '../kit/implement.js';
import { namesOf, usesOn } from '../host/uses.js';

/** The word for hosts that could not be asked. */
const UNASKED = 'unasked-hosts';
/** File systems of one host; on any other type a host that cannot be asked may have the same. */
const LOCAL = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'zfs', 'f2fs', 'tmpfs', 'overlay']);
/** Hosts are asked so many at a time. */
const AT_ONCE = 8;

/** What guests of other hosts use of the disks that are to be copied away. */
export async function usedElsewhere(
  deps: Deps,
  route: Route,
  source: HostDrivers,
  disks: readonly DiskPlan[],
): Promise<Objection[]> {
  const leaving = disks.filter(({ handling }) => handling === 'copy' || handling === 'static');
  const paths = leaving.flatMap((disk) => fileOf(disk) ?? []);
  const known = await deps.inventory.hosts();
  const names = known.map(({ host }) => host.name);
  const others = names.filter((name) => name !== route.source && name !== route.target);
  if (paths.length === 0 || others.length === 0) return [];
  const [files, folders] = await realOf(source, paths);
  const isLocal = files.every(({ fsType }) => LOCAL.has(fsType));
  try {
    for (const folder of folders) await source.storage.files.writeProbe(folder, route.migrationId);
    const found: Objection[] = [];
    for (let from = 0; from < others.length; from += AT_ONCE) {
      const asked = others.slice(from, from + AT_ONCE).map(async (name) => {
        try {
          return await usedOn(await deps.dataCentre.on(name), route, folders, files);
        } catch (error) {
          if (!isAway(error)) throw error;
          return isLocal ? [] : [unasked(name)];
        }
      });
      found.push(...(await Promise.all(asked)).flat());
    }
    return found;
  } finally {
    for (const folder of folders) await source.storage.files.removeProbe(folder, route.migrationId);
  }
}

async function realOf({ storage }: HostDrivers, paths: readonly HostPath[]) {
  const files = await storage.files.look(paths);
  return [files, [...new Set(files.map(({ real }) => folderOf(real as HostPath)))]] as const;
}

/** Of a host that sees a probe, the guests that use one of the files. */
async function usedOn(
  drivers: HostDrivers,
  { migrationId, uuid }: Route,
  probed: readonly HostPath[],
  files: readonly { path: string; real: string }[],
): Promise<Objection[]> {
  const seen: string[] = [];
  for (const folder of probed)
    if (await drivers.storage.files.readProbe(folder, migrationId, folder)) seen.push(folder);
  const shared = files.filter(({ real }) => seen.includes(folderOf(real as HostPath)));
  if (shared.length === 0) return [];
  const [uses, facts] = await Promise.all([
    usesOn(drivers, uuid),
    drivers.storage.files.look(shared.map(({ real }) => real)),
  ]);
  return facts.flatMap((found, index) => {
    const users = uses.of(found);
    if (users.length === 0) return [];
    return [
      objection(
        shared[index]?.path ?? found.path,
        `is used by ${namesOf(drivers.host.name, users)}, which has the same storage`,
        'give the other guest a copy of its own (qemu-img convert), or move this guest to a host that has this storage',
      ),
    ];
  });
}

const unasked = (name: string): Objection =>
  objection(
    `host ${name}`,
    'does not answer, and may have guests on the same storage, from which the disks are removed in the end',
    `wait until it answers, or make sure that none of its guests uses them`,
    { accept: UNASKED },
  );
