/** Files of one guest that are several here, and would be one there: each would be written over the other. */
import { objection, type Objection } from '../../model/objection.js';
import { fileOf, targetFileOf, type DiskPlan } from '../../model/storage.js';
import type { HostPath } from '../../model/ids.js';
import type { HostStorage } from '../../drivers/interfaces/storage.js';
import type { Ends } from '../guest/location.js';

/** One file, with where it is to be. */
interface Going {
  readonly about: string;
  readonly from: HostPath;
  readonly to: HostPath;
}

/** Under whatever links either host has; what lies below the disks counts too, since it keeps its name. */
export async function collisionObjections(
  { source, target }: Ends,
  disks: readonly DiskPlan[],
): Promise<Objection[]> {
  const going = disks.flatMap(goingOf);
  if (going.length < 2) return [];
  const [here, there] = await Promise.all([
    realsOf(
      source.storage,
      going.map(({ from }) => from),
    ),
    realsOf(
      target.storage,
      going.map(({ to }) => to),
    ),
  ]);
  return going.flatMap((one, index) => {
    const twin = going
      .slice(0, index)
      .find((other) => there(other.to) === there(one.to) && here(other.from) !== here(one.from));
    return twin ? [collision(one, twin, target.host.name)] : [];
  });
}

function goingOf(disk: DiskPlan): Going[] {
  const [from, to] = [fileOf(disk), targetFileOf(disk)];
  if (!from || !to) return [];
  const about = `disk ${disk.device}`;
  const below = disk.inspection.backing.map(({ path }) => ({ about, from: path, to: path }));
  return [{ about, from, to }, ...below];
}

async function realsOf(
  { files }: HostStorage,
  paths: readonly HostPath[],
): Promise<(path: HostPath) => string> {
  const unique = [...new Set(paths)];
  const facts = await files.look(unique);
  const reals = new Map(unique.map((path, index) => [path, facts[index]?.real ?? path]));
  return (path) => reals.get(path) ?? path;
}

const collision = (one: Going, other: Going, host: string): Objection =>
  objection(
    one.about,
    `is to be ${one.to} on ${host}, which is ${other.to} of ${other.about} there: two files would become one`,
    `give them two places (--map-storage), or look at the links there (ls -l)`,
  );
