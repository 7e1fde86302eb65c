/** `network.rebind`. */
import { powerOf } from '../../model/vm.js';
import { rebind } from '../../workflows/steps/network.js';
import { endsOf, implement } from '../kit/implement.js';
import { placedOn } from './placed-on.js';

/** F15. A guest that is off or paused has its taps only when it runs. */
export const rebindActivity = implement(rebind, (deps) => ({
  async run({ route, ports, power }) {
    const { target } = await endsOf(deps, route);
    if (power !== 'off') await target.network.activate(await placedOn(target, ports));
    return {};
  },
  describe: ({ route, vm }) =>
    powerOf(vm.state) === 'off'
      ? []
      : vm.ports.map(({ mac }) => `activate ${mac} on ${route.target}`),
}));
