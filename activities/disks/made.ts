/** What a migration has made on its target, and how it is removed. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Staying } from '../../drivers/interfaces/storage.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import { deviceInto, folderOf, type DiskPlan } from '../../model/storage.js';
import type { Route } from '../../model/route.js';
import { refuseIfOnTarget } from '../guest/location.js';
import { knownFree } from '../host/free.js';
import type { Fleet } from '../host/elsewhere.js';
import { pathsOf } from './files.js';
import { giveBackDevices } from './into-devices.js';
import { staysFor, usedFor } from './used-for.js';

/**
 * Removes what a migration has made on its target, and looks whether it is gone. What somebody there uses by now stays, and is
 * nobody's copy any more.
 * @returns what stays, with who uses it
 * @throws UNDO_UNVERIFIED
 */
export async function removeMade(
  fleet: Fleet,
  target: HostDrivers,
  route: Route,
  disks: readonly DiskPlan[],
  beside: readonly HostPath[] = [],
): Promise<string[]> {
  const paths = [...new Set([...beside, ...pathsOf(disks), ...beside.map(folderOf)])];
  if (paths.length === 0 && !disks.some(deviceInto)) return [];
  await refuseIfOnTarget(target, route);
  const kept = await giveBackDevices(fleet, target, route, disks);
  if (paths.length === 0) return kept;
  kept.push(...(await removeUnused(fleet, target, route, paths)));
  const left = await target.storage.files.owned(paths, route.migrationId);
  if (left.length === 0) return kept;
  throw new CodedError('UNDO_UNVERIFIED', `still on ${route.target}: ${left.join(', ')}`, {
    hint: `Remove them on ${route.target} by hand, then retry.`,
    facts: { left },
  });
}

/** In words, why something stays that this migration has made. */
const WHY: Readonly<Record<Staying['because'], string>> = {
  'another file': 'it is another file than this move has made',
  'not empty': 'there is something in it that this move does not remove',
};

/**
 * Removes what this migration has marked among these paths. What another domain there uses by now stays, and is that one's.
 * @returns what stays, with who uses it
 * @throws UNDO_UNVERIFIED if a domain does not tell what it uses
 */
export async function removeUnused(
  fleet: Fleet,
  target: HostDrivers,
  route: Route,
  paths: readonly HostPath[],
): Promise<string[]> {
  const { files } = target.storage;
  const made = await files.owned(paths, route.migrationId);
  const usedBy = await usedFor(fleet, target, route, made);
  const used = [...usedBy.keys()];
  if (used.length > 0) await files.keep(used, route.migrationId);
  const stays = await files.removeOwned(
    knownFree(
      paths.filter((path) => !used.includes(path)),
      'the others were asked above, and only what this migration has marked goes',
    ),
    route.migrationId,
  );
  return [
    ...staysFor(route, usedBy),
    ...stays.map(({ path, because }) => `${path} on ${route.target} stays: ${WHY[because]}`),
  ];
}
