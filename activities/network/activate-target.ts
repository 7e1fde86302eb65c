/** `network.activateTarget`. */
import { activateTarget } from '../../workflows/steps/network.js';
import { endsOf, implement } from '../kit/implement.js';
import { placedOn } from './placed-on.js';

/** The first thing after the switchover: everything else can wait, the network cannot. */
export const activateTargetActivity = implement(activateTarget, (deps) => ({
  async run({ route, ports }) {
    const { target } = await endsOf(deps, route);
    await target.network.activate(await placedOn(target, ports));
    return {};
  },
  describe: ({ route, vm }) => vm.ports.map(({ mac }) => `activate ${mac} on ${route.target}`),
}));
