/** What the source no longer needs. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { freeAmong } from '../host/free.js';

/** Removes files, then the folders that are empty by then. Keeps and returns those that others use, with their users. */
export async function removeUnlessUsed(
  source: HostDrivers,
  route: Route,
  paths: readonly HostPath[],
): Promise<string[]> {
  const wanted = [...new Set(paths)];
  const { free, used } = await freeAmong(source, route.uuid, wanted);
  if (free.length > 0) await source.storage.files.remove(free);
  return [...used].map(([path, by]) => `${path}, used by ${by}`);
}
