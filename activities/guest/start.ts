/** `guest.start` and its undo. */
import { CodedError } from '../../model/errors.js';
import { isActive, powerOf } from '../../model/vm.js';
import { startTarget } from '../../workflows/steps/guest.js';
import { endsOf, implement } from '../kit/implement.js';
import { readVm } from '../vm/read.js';
import { requireOff } from './location.js';
import { requireUnopened } from './unopened.js';
import { until } from '../kit/until.js';

const GONE = { everyMs: 200, forMs: 30_000 };
/** Refuses while the guest runs on the source. */
export const startTargetActivity = implement(startTarget, (deps) => ({
  async run({ route, power }, context) {
    const { source, target } = await endsOf(deps, route);
    await requireOff(source, route);
    if (power === 'off') return {};
    const there = await target.hypervisor.find(route.uuid);
    if (there && !isActive(there.state))
      await requireUnopened(context, target, route.name, (await readVm(target, there)).vm.disks);
    await target.hypervisor.start(route.uuid, { isPaused: power === 'paused' });
    return {};
  },
  async undo({ route }, context) {
    const { target } = await endsOf(deps, route);
    const isGone = await until(context, GONE, async () => {
      const guest = await target.hypervisor.find(route.uuid);
      if (!guest || !isActive(guest.state)) return true;
      await target.hypervisor.destroy(route.uuid);
      return undefined;
    });
    if (isGone) return;
    throw new CodedError('UNDO_UNVERIFIED', `${route.name} is still running on ${route.target}`);
  },
  describe({ route, vm }) {
    const power = powerOf(vm.state);
    const how = power === 'paused' ? ', paused' : '';
    return power === 'off' ? [] : [`virDomainCreateWithFlags on ${route.target}${how}`];
  },
}));
