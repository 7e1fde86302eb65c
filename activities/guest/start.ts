/** `guest.start` and its undo. */
import { CodedError } from '../../model/errors.js';
import { onTarget } from '../../model/storage.js';
import { isActive, powerOf } from '../../model/vm.js';
import { startTarget } from '../../workflows/steps/guest.js';
import { requireMark } from '../kit/fence.js';
import { endsOf, implement } from '../kit/implement.js';
import { volumesOf } from '../volumes/connecting.js';
import { isOn, requireOff } from './location.js';
import { requireUnopened } from './unopened.js';
import { until } from '../kit/until.js';

const GONE = { everyMs: 200, forMs: 30_000 };

/** Refuses while the guest runs on the source. */
export const startTargetActivity = implement(startTarget, (deps) => ({
  async run({ route, power, disks }, context) {
    const { source, target } = await endsOf(deps, route);
    await requireOff(source, route);
    if (power === 'off') return {};
    // An attempt that was cut off may have started it: then it is its own QEMU that has them open.
    if (volumesOf(disks).length > 0 && !(await isOn(target, route)))
      await requireUnopened(context, target, route.name, disks.map(onTarget));
    await target.hypervisor.start(route.uuid, { isPaused: power === 'paused' });
    return {};
  },
  async undo({ route }, context) {
    const { target } = await endsOf(deps, route);
    const isGone = await until(context, GONE, async () => {
      const guest = await target.hypervisor.find(route.uuid);
      if (!guest || !isActive(guest.state)) return true;
      // A worker that stood still wakes here: by now the guest may be confirmed, or another run's.
      await requireMark(target, route);
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
