/** `secrets.carryToTarget`. */
import { Confidential } from '../../model/confidential.js';
import { CodedError } from '../../model/errors.js';
import { secretsOf } from '../../model/need.js';
import { objectionText } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import { secretName, type SecretRef } from '../../model/secret.js';
import { carrySecrets } from '../../workflows/steps/secrets.js';
import type { HostSecret } from '../../drivers/interfaces/hypervisor/secrets.js';
import type { Hypervisor } from '../../drivers/interfaces/hypervisor/hypervisor.js';
import { refuseIfOnTarget } from '../guest/location.js';
import { neighboursOn, type Neighbours } from '../host/uses.js';
import { endsOf, implement } from '../kit/implement.js';
import { trialObjections } from '../target/trial.js';
import { usersOfSecret } from './users.js';
import { secretsLacking } from './needed.js';

/** A secret that the target has already is left as it is: the precheck has compared the values. */
export const carrySecretsActivity = implement(carrySecrets, (deps) => ({
  async run({ route, vm, disks, move }) {
    const { source, target } = await endsOf(deps, route);
    const carried: string[] = [];
    for (const ref of secretsOf(vm))
      if (await carry(source.hypervisor, target.hypervisor, route, ref))
        carried.push(secretName(ref));
    if (carried.length === 0) return { carried };
    const neighbours = neighboursOn(target, route.uuid);
    const groups = await deps.inventory.groups();
    const question = { route, vm, disks, move, groups, source, target, neighbours };
    const found = (await trialObjections(question)).map(objectionText);
    if (found.length === 0) return { carried };
    throw new CodedError(
      'TARGET_UNSUITABLE',
      `${vm.name} cannot start on ${route.target} with its secrets: ${found.join('; ')}`,
      { hint: 'What was brought is taken back.' },
    );
  },
  async undo({ route, vm }) {
    const { source, target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    const neighbours = neighboursOn(target, route.uuid);
    const kept: string[] = [];
    for (const ref of secretsOf(vm))
      kept.push(...(await takeBack(source.hypervisor, neighbours, route, ref)));
    return kept;
  },
  async describe({ route, vm }) {
    const { target } = await endsOf(deps, route);
    const lacking = await secretsLacking(secretsOf(vm), target);
    return lacking.map((ref) => `bring the secret ${secretName(ref)} to ${route.target}`);
  },
}));

/** What another guest there uses by now stays, and is its own; so does a value that is no copy any more. @returns what stays, and why */
async function takeBack(
  from: Hypervisor,
  neighbours: Neighbours,
  { source, target, migrationId }: Route,
  ref: SecretRef,
): Promise<string[]> {
  const { hypervisor } = neighbours.drivers;
  const found = await hypervisor.secret(ref);
  if (found?.broughtBy !== migrationId) return [];
  const users = await usersOfSecret(neighbours, found);
  const isCopy = isSame((await from.secret(ref))?.value, found.value);
  if (users.length === 0 && isCopy) {
    await hypervisor.forgetSecret(ref, migrationId);
    return [];
  }
  await hypervisor.keepSecret(ref, migrationId);
  const why = isCopy
    ? `${users.join(', ')} uses it by now`
    : `its value is not the one on ${source} any more; if the disks were given a new key, set it there too`;
  return [`the secret ${secretName(ref)} on ${target} stays: ${why}`];
}

/** Of two secrets: what cannot be read is no copy. */
const isSame = (here: HostSecret['value'] | undefined, there: HostSecret['value']): boolean =>
  here instanceof Confidential && there instanceof Confidential && here.reveal() === there.reveal();

/** True if it was brought, or had been. @throws STORAGE_UNSUITABLE */
async function carry(
  from: Hypervisor,
  to: Hypervisor,
  { source, migrationId }: Route,
  ref: SecretRef,
): Promise<boolean> {
  const there = await to.secret(ref);
  if (there && there.broughtBy !== migrationId) return false;
  const here = await from.secret(ref);
  if (!here || !(here.value instanceof Confidential))
    throw new CodedError(
      'STORAGE_UNSUITABLE',
      `the secret ${secretName(ref)} cannot be read on ${source} any more`,
      { hint: 'Set it on the target by hand (virsh secret-define, virsh secret-set-value).' },
    );
  await to.bringSecret(here.xml, here.value, migrationId);
  return true;
}
