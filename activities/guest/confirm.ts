/** `guest.confirm`: the point of no return of a cold migration. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import { secretName, type SecretRef } from '../../model/secret.js';
import { arrivingFiles, copiedDisks, type DiskPlan } from '../../model/storage.js';
import { confirm } from '../../workflows/steps/guest.js';
import { implement } from '../kit/implement.js';
import { secretsLacking } from '../secrets/needed.js';
import { requireOnTarget } from './location.js';

/** The pivot: asks both hosts once more. */
export const confirmActivity = implement(confirm, (deps) => ({
  async run({ route, power, disks, secrets }) {
    const { target } = await requireOnTarget(deps, route, power);
    await requireDisks(target, route, disks);
    await requireSecrets(target, route, secrets);
    return { isMoved: true as const };
  },
}));

/** A guest that is off needs no disk to be there, but a source that is then removed was the last copy. @throws GUEST_NOT_ON_TARGET */
async function requireDisks(
  { storage }: HostDrivers,
  { name, target }: Route,
  disks: readonly DiskPlan[],
): Promise<void> {
  const wanted = [...new Set(arrivingFiles(copiedDisks(disks)))];
  const there = wanted.length > 0 ? await storage.files.existing(wanted) : [];
  const gone = wanted.filter((path) => !there.includes(path));
  if (gone.length === 0) return;
  throw new CodedError(
    'GUEST_NOT_ON_TARGET',
    `${name} is on ${target}, but its disk is not: ${gone.join(', ')}; the source keeps what it has`,
    {
      hint: `Is the file system mounted on ${target}? Retry when the file is there again, or roll back: then the source’s copy is the guest’s.`,
      facts: { gone },
    },
  );
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
