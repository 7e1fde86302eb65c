/** What the source no longer needs. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Arrived } from '../../model/arrived.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { usersElsewhere, type Fleet } from '../host/elsewhere.js';
import { freeAmong } from '../host/free.js';
import { replacedAmong } from './replaced.js';

/** By what it is known that they may go. */
interface Proofs {
  /** Asked last: throws if they may not any more. */
  askAgain(): Promise<void>;
  /** Which of them are which files, as far as the move has seen them. */
  readonly left?: readonly Arrived[];
}

/**
 * Removes files, then the folders that are empty by then. Keeps and returns those that others use, here or on other hosts, with
 * their users, and folders in which somebody has more.
 */
export async function removeUnlessUsed(
  fleet: Fleet,
  source: HostDrivers,
  route: Route,
  paths: readonly HostPath[],
  { askAgain, left = [] }: Proofs,
): Promise<string[]> {
  const wanted = await source.storage.files.existing([...new Set(paths)]);
  const { free, used } = await freeAmong(source, route.uuid, wanted);
  const asked = { host: source, token: route.migrationId, except: route };
  const { users, unasked } = await usersElsewhere(fleet, asked, free);
  const isSure = unasked.length === 0;
  const unused = free.filter((path) => !users.has(path));
  const replaced = isSure ? await replacedAmong(source, left, unused) : new Set<HostPath>();
  const rest = unused.filter((path) => !replaced.has(path));
  if (isSure && rest.length > 0) {
    await askAgain();
    await source.storage.files.remove(rest);
  }
  const full = isSure ? await source.storage.files.existing(rest) : [];
  return [
    ...full.map((path) => `${path}, since there is more in it than the move has put there`),
    ...[...used, ...users].map(([path, by]) => `${path}, used by ${by}`),
    ...[...replaced].map(
      (path) => `${path}, since it is not the file that the move has left there`,
    ),
    ...(isSure ? [] : rest).map(
      (path) => `${path}, since ${unasked.join(', ')} does not answer and may have a guest on it`,
    ),
  ];
}
