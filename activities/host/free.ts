/**
 * Paths that may be removed or renamed. The drivers take no others, so that no step forgets to ask who else uses one: either the
 * host's other guests were asked, or the name is one that this run has given itself.
 */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { FreePath, FreeRename } from '../../drivers/interfaces/free.js';
import type { HostPath, VmUuid } from '../../model/ids.js';
import type { SetAside } from '../../model/storage.js';
import { neighboursOn, usedAmong } from './uses.js';

/** Of these paths those that nobody else uses, and the others with their users. */
export async function freeAmong(
  drivers: HostDrivers,
  except: VmUuid,
  paths: readonly HostPath[],
  how: { readonly isUnclearFree?: boolean } = {},
): Promise<{ free: FreePath[]; used: Map<HostPath, string> }> {
  const used = await usedAmong(neighboursOn(drivers, except), paths, how);
  return { free: paths.filter((path) => !used.has(path)).map(asFree), used };
}

/** Paths of which the caller knows otherwise that no guest uses them: `because` says how, for whoever reads the step. */
export const knownFree = (paths: readonly HostPath[], _because: string): FreePath[] =>
  paths.map(asFree);

/** Renames of such paths. */
export const knownFreeRenames = (renames: readonly SetAside[], _because: string): FreeRename[] =>
  renames.map(({ from, to }) => ({ from: asFree(from), to }));

const asFree = (path: HostPath): FreePath => path as FreePath;
