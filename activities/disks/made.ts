/** What a migration has made on its target, and how it is removed. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import { folderOf, type DiskPlan } from '../../model/storage.js';
import type { Route } from '../../model/route.js';
import { refuseIfOnTarget } from '../guest/location.js';
import { knownFree } from '../host/free.js';
import { usesOn } from '../host/uses.js';
import { pathsOf } from './files.js';

/**
 * Removes what a migration has made on its target, and looks whether it is gone. What somebody there uses by now stays, and is
 * nobody's copy any more.
 * @throws UNDO_UNVERIFIED
 */
export async function removeMade(
  target: HostDrivers,
  route: Route,
  disks: readonly DiskPlan[],
  beside: readonly HostPath[] = [],
): Promise<void> {
  const paths = [...new Set([...beside, ...pathsOf(disks), ...beside.map(folderOf)])];
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
    knownFree(
      paths.filter((path) => !used.includes(path)),
      'the others were asked above, and only what this migration has marked goes',
    ),
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
      { hint: 'Fix that domain, then retry.', facts: { made } },
    );
  const facts = await target.storage.files.look(made);
  return made.filter((_path, index) => uses.of(facts[index] as FileFacts).length > 0);
}
