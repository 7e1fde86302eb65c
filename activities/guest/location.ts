/** Asks the hosts where the guest is, before anything that could harm it. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError, isAway } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import { lives, sideOf, type Side } from '../../model/side.js';
import { isActive, type PowerState } from '../../model/vm.js';
import { endsOf, type Deps } from '../kit/implement.js';

/** The drivers of both ends of a route. */
export interface Ends {
  readonly source: HostDrivers;
  readonly target: HostDrivers;
}

/** What both hosts say, asked at the same time. */
export async function askBoth({ source, target }: Ends, route: Route) {
  const [here, there] = await Promise.all([
    source.hypervisor.find(route.uuid),
    target.hypervisor.find(route.uuid),
  ]);
  return { source: sideOf(here), target: sideOf(there) };
}

/** What one host says, or `unknown` if it cannot be asked now. */
export async function sideAt({ hypervisor }: HostDrivers, { uuid }: Route): Promise<Side> {
  try {
    return sideOf(await hypervisor.find(uuid));
  } catch (error) {
    if (isAway(error)) return 'unknown';
    throw error;
  }
}

/** True if it has a QEMU there, whatever that does. */
export async function isOn({ hypervisor }: HostDrivers, { uuid }: Route): Promise<boolean> {
  const guest = await hypervisor.find(uuid);
  return guest !== undefined && isActive(guest.state);
}

/** Refuses an undo on the target while the guest is alive there. @throws GUEST_ON_TARGET */
export async function refuseIfOnTarget({ hypervisor }: HostDrivers, route: Route): Promise<void> {
  const guest = await hypervisor.find(route.uuid);
  if (!guest || !isActive(guest.state)) return;
  throw new CodedError(
    'GUEST_ON_TARGET',
    `${route.name} is ${guest.state} on ${route.target}: nothing there is taken back`,
    {
      hint: `Find out where the guest runs (virsh list on ${route.source} and ${route.target}) before you decide.`,
      facts: { target: route.target, state: guest.state },
    },
  );
}

/** Refuses to touch what a living guest uses. @throws GUEST_NOT_OFF */
export async function requireOff({ host, hypervisor }: HostDrivers, route: Route): Promise<void> {
  const guest = await hypervisor.find(route.uuid);
  if (!guest || !isActive(guest.state)) return;
  throw new CodedError('GUEST_NOT_OFF', `${route.name} is ${guest.state} on ${host.name}`, {
    hint: `Somebody has started it. Check virsh list on ${host.name} before you decide.`,
    facts: { host: host.name, state: guest.state },
  });
}

/**
 * Returns the drivers of both hosts after checking that the guest is on the target (alive, unless it should be off) and not alive on the source.
 * @throws GUEST_NOT_ON_TARGET
 */
export async function requireOnTarget(
  deps: Deps,
  route: Route,
  power: PowerState = 'running',
): Promise<Ends> {
  const ends = await endsOf(deps, route);
  const seen = await askBoth(ends, route);
  const isThere = power === 'off' ? seen.target !== 'absent' : lives(seen.target);
  if (isThere && !lives(seen.source)) return ends;
  throw new CodedError(
    'GUEST_NOT_ON_TARGET',
    `${route.name} is ${seen.source} on ${route.source} and ${seen.target} on ${route.target}: the source keeps what it has`,
    {
      hint: 'Check both hosts. Nothing was removed; retry when the guest runs on the target.',
      facts: { ...seen },
    },
  );
}
