/** Whether the guest is on a host that its move does not name: somebody may have moved it on while the move waited. */
import { lives, sideOf } from '../../model/side.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import type { Deps } from '../kit/implement.js';

/** Then nothing is taken back: its source would start a second one, and what was copied may be what it runs on. @throws LOCATION_UNDECIDED */
export async function requireNotElsewhere(deps: Deps, route: Route): Promise<void> {
  const { runsOn } = await askOthers(deps, route);
  if (runsOn.length === 0) return;
  const { name, source, target } = route;
  throw new CodedError(
    'LOCATION_UNDECIDED',
    `${name} runs on ${runsOn.join(', ')}, which this move from ${source} to ${target} does not name: nothing is taken back`,
    {
      hint: `Somebody has moved it on, or started it there: find out who and why. To go back, bring it to ${target} again (virsh migrate) or end it, then retry.`,
      facts: { runsOn },
    },
  );
}

/** Where it is alive, of every other host that is registered. */
export async function askOthers({ dataCentre, inventory }: Deps, route: Route) {
  const hosts = (await inventory.hosts()).map(({ host }) => host.name);
  const others = hosts.filter((name) => name !== route.source && name !== route.target);
  const [runsOn, unasked]: [string[], string[]] = [[], []];
  await Promise.all(
    others.map(async (name) => {
      try {
        const { hypervisor } = await dataCentre.on(name);
        if (lives(sideOf(await hypervisor.find(route.uuid)))) runsOn.push(name);
      } catch (error) {
        unasked.push(`${name} (${messageOf(error)})`);
      }
    }),
  );
  return { runsOn, unasked };
}
