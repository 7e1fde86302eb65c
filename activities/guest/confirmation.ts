/** What must be so on the target before a cold migration is confirmed. */
import type { z } from 'zod';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostStorage } from '../../drivers/interfaces/storage.js';
import type { Arrived } from '../../model/arrived.js';
import { present } from '../../model/defined.js';
import { CodedError, traitsOf } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import { secretName, type SecretRef } from '../../model/secret.js';
import {
  arrivingFiles,
  copiedDisks,
  onTarget,
  targetFileOf,
  type DiskPlan,
} from '../../model/storage.js';
import type { confirm } from '../../workflows/steps/guest.js';
import type { Deps } from '../kit/implement.js';
import { secretsLacking } from '../secrets/needed.js';
import { isActive } from '../../model/vm.js';
import { isAnother, lostSince, seenNow } from './arrived.js';
import { requireExpectedDisks } from './expected-disks.js';
import { requireOnTarget } from './location.js';
import { notThere } from './not-there.js';

/** What both steps that confirm are given. */
export type Confirmed = z.output<typeof confirm.input>;

/** Asks both hosts once more. @throws GUEST_NOT_ON_TARGET */
export async function isConfirmed(
  deps: Deps,
  { route, power, disks, secrets, arrived }: Confirmed,
) {
  const { target } = await requireOnTarget(deps, route, power);
  const paths = [...arrivingFiles(copiedDisks(disks)), ...arrived.map(({ path }) => path)];
  const now = await seenNow(target, paths);
  await requireDisks(target, route, disks, { now, arrived });
  requireBelow(route, { now, arrived });
  if (power === 'off') await requireUnwritten(target, route, { now, arrived });
  await requireExpectedDisks(target, route, disks);
  await requireSecrets(target, route, secrets);
  return { isMoved: true as const };
}

/** What was copied, as it arrived and as it is now. */
interface Seen {
  readonly now: readonly Arrived[];
  readonly arrived: readonly Arrived[];
}

/**
 * A guest that is off needs no disk to be there, and a running one goes on with a file that has lost its name; but a source that is
 * then removed was the last copy. @throws GUEST_NOT_ON_TARGET
 */
async function requireDisks(
  target: HostDrivers,
  { name }: Route,
  disks: readonly DiskPlan[],
  { now, arrived }: Seen,
): Promise<void> {
  const wanted = [...new Set(arrivingFiles(copiedDisks(disks)))];
  const gone = wanted.filter((path) => !now.some((file) => file.path === path));
  const where = target.host.name;
  if (gone.length > 0)
    throw notThere(`${name} is on ${where}, but its disk is not: ${gone.join(', ')}`, {
      hint: `Is the file system mounted on ${where}? Retry when the file is there again, or roll back: then the source’s copy is the guest’s.`,
      facts: { gone },
    });
  await requireReadable(target, name, disks);
  const replaced = now
    .filter((file) => wanted.includes(file.path) && arrived.some((then) => isAnother(then, file)))
    .map(({ path }) => path);
  if (replaced.length > 0)
    throw notThere(
      `${replaced.join(', ')} on ${where} is another file than was copied for ${name}`,
      {
        hint: `Put the copy back under its name and retry, or roll back: then the source’s copy is the guest’s.`,
        facts: { replaced },
      },
    );
}

/** No guest writes to what its disks lie over. @throws GUEST_NOT_ON_TARGET */
function requireBelow({ name, target }: Route, { now, arrived }: Seen): void {
  const below = arrived.filter(({ writtenAt }) => writtenAt !== undefined);
  const lost = lostSince(below, now).map(({ path }) => path);
  if (lost.length === 0) return;
  throw notThere(
    `${lost.join(', ')} on ${target}, which ${name} reads or has with it, is gone, or is not what was copied`,
    {
      hint: `Bring it back with its times (cp -p) and retry, or roll back: then the source’s copy is the guest’s.`,
      facts: { lost },
    },
  );
}

/**
 * Of a guest that has not run there, nothing has a reason to write to what was copied: not to its disks, its variables or its keys.
 * One that runs now, or has run since, writes itself. That it has run is believed to what libvirt has written into its logs at its start
 * or its end, and never to a log's own times, which logrotate changes as well; that it has not run, no log proves. @throws GUEST_NOT_ON_TARGET
 */
async function requireUnwritten(
  target: HostDrivers,
  { uuid, name }: Route,
  { now, arrived }: Seen,
): Promise<void> {
  const written = lostSince(arrived, now).map(({ path }) => path);
  if (written.length === 0) return;
  const guest = await target.hypervisor.find(uuid);
  if (guest && isActive(guest.state)) return;
  const came = arrived.flatMap(({ changedAt }) =>
    changedAt === undefined ? [] : [Number(changedAt)],
  );
  const lastRun = await target.hypervisor.lastRun(name);
  if (lastRun !== undefined && came.length > 0 && lastRun >= Math.max(...came)) return;
  const where = target.host.name;
  throw notThere(
    `${written.join(', ')} on ${where} was changed since it was copied, and no log on ${where} tells that ${name} has run there since`,
    {
      hint: `Find out who did; the guest itself may have, if its log was moved away or emptied since (/var/log/libvirt/qemu on ${where}). Bring it back and retry; or start ${name} on ${where} if what is there is right, and retry, also when it is off again; or roll back: then the source’s copy is the guest’s.`,
      facts: { written },
    },
  );
}

/** An image that cannot be opened, or that is smaller than what was copied, is no copy any more. @throws GUEST_NOT_ON_TARGET */
async function requireReadable(
  { host, storage }: HostDrivers,
  name: string,
  disks: readonly DiskPlan[],
): Promise<void> {
  for (const disk of copiedDisks(disks).map(onTarget)) {
    const seen = await readable(storage, disk);
    const wanted = disk.inspection.capacityBytes;
    if (typeof seen === 'number' && seen >= wanted) continue;
    const why = typeof seen === 'number' ? `it has ${seen} bytes, not ${wanted}` : seen;
    throw notThere(
      `${targetFileOf(disk) ?? disk.device} on ${host.name} is no copy of ${name}’s disk any more: ${why}`,
      {
        hint: 'Bring it back and retry, or roll back: then the source’s copy is the guest’s.',
        facts: { damaged: present([targetFileOf(disk)]) },
      },
    );
  }
}

/** How much it holds, or why it cannot be opened. */
async function readable(storage: HostStorage, disk: DiskPlan): Promise<number | string> {
  try {
    return (await storage.kindOf(disk).inspect(disk)).capacityBytes;
  } catch (error) {
    if (!(error instanceof CodedError) || traitsOf(error.code).retry) throw error;
    return error.message;
  }
}

/** Nor does one need its key, and without it no disk opens. @throws GUEST_NOT_ON_TARGET */
async function requireSecrets(
  host: HostDrivers,
  { name, target }: Route,
  secrets: readonly SecretRef[],
): Promise<void> {
  const [lost] = (await secretsLacking(secrets, host)).map(secretName);
  if (lost === undefined) return;
  throw new CodedError(
    'GUEST_NOT_ON_TARGET',
    `${name} is on ${target}, but the secret ${lost} of its disks is not: it could not start again`,
    {
      hint: `Set it on ${target} (virsh secret-define, virsh secret-set-value) and retry, or roll back.`,
      facts: { secret: lost },
    },
  );
}
