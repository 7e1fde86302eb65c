/**
 * Hosts that the move does not name, but that see the same storage: what is copied away is removed from it in the end, and there
 * may be guests of theirs whose disks lie over it.
 */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { objection, type Move, type Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import { fileOf, travels, type DiskPlan } from '../../model/storage.js';
import { usersElsewhere, type Fleet } from '../host/elsewhere.js';

/** The word for hosts that could not be asked. */
const UNASKED = 'unasked-hosts';

/** What guests of other hosts use of the disks that are to be copied away, or, cold, to be renamed for a while. */
export async function usedElsewhere(
  fleet: Fleet,
  route: Route,
  source: HostDrivers,
  disks: readonly DiskPlan[],
  move: Move,
): Promise<Objection[]> {
  const isRenamed = (disk: DiskPlan) =>
    move === 'cold' && disk.handling === 'shared' && !disk.isReadOnly;
  const leaving = disks
    .filter((disk) => travels(disk) || isRenamed(disk))
    .flatMap((disk) => fileOf(disk) ?? []);
  const asked = { host: source, token: route.migrationId, except: route };
  const { users, unasked } = await usersElsewhere(fleet, asked, leaving);
  const used = [...users].map(([path, by]) =>
    objection(
      path,
      `is used by ${by}, which has the same storage`,
      'give the other guest a copy of its own (qemu-img convert), or move this guest to a host that has this storage',
    ),
  );
  return [...used, ...unasked.map(unaskedObjection)];
}

const unaskedObjection = (name: string): Objection =>
  objection(
    `host ${name}`,
    'does not answer, and may have guests on the same storage, from which the disks are removed in the end',
    `wait until it answers, or make sure that none of its guests uses them`,
    { accept: UNASKED },
  );
