/** `network.bindTarget` and its undo. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import type { Port } from '../../model/network.js';
import { bindTarget } from '../../workflows/steps/network.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../guest/location.js';
import { macsOf } from '../host/addresses.js';
import { neighboursOn } from '../host/uses.js';
import { placedOn } from './placed-on.js';
import { unbindUnshared } from './unbinding.js';

/** F10 F11 F13. The tap's name is known before the tap exists, so its rules can be there first. */
export const bindTargetActivity = implement(bindTarget, (deps) => ({
  async run({ route, ports }) {
    const { target } = await endsOf(deps, route);
    const wanted = await placedOn(target, ports);
    await refuseTwins(target, route, ports);
    const bound = await target.network.bind(wanted, await deps.inventory.groups());
    const missing = wanted.filter(({ mac }) => !bound.some((binding) => binding.mac === mac));
    if (missing.length === 0) return {};
    throw new CodedError(
      'BINDING_FAILED',
      `not bound on ${route.target}: ${missing.map(({ mac }) => mac).join(', ')}`,
      {
        hint: `Look at nft list table bridge drover on ${route.target}.`,
      },
    );
  },
  async undo({ route, ports }) {
    const { target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    const { left, kept } = await unbindUnshared(target, route.uuid, await placedOn(target, ports));
    if (left.length === 0) return kept.map((what) => `on ${route.target} stay ${what}`);
    throw new CodedError(
      'UNDO_UNVERIFIED',
      `still bound on ${route.target}: ${left.map(({ mac }) => mac).join(', ')}`,
    );
  },
  async describe({ route, vm }) {
    const { target } = await endsOf(deps, route);
    const groups = await deps.inventory.groups();
    return target.network.describe(await placedOn(target, vm.ports), groups);
  },
}));

/** The precheck has asked; somebody may have come since. @throws BINDING_FAILED */
async function refuseTwins(
  target: HostDrivers,
  route: Route,
  ports: readonly Port[],
): Promise<void> {
  const { withMac } = await macsOf(neighboursOn(target, route.uuid));
  for (const { mac } of ports) {
    const [twin] = withMac(mac);
    if (twin !== undefined)
      throw new CodedError(
        'BINDING_FAILED',
        `${twin} on ${route.target} has the address ${mac} too`,
        {
          hint: 'Give one of the two guests another. The other guest keeps its rules.',
        },
      );
  }
}
