/** The steps that make the guest the target's: define, start, rebind, verify. */
import { CodedError } from '../../model/errors.js';
import { lives } from '../../model/arbiter.js';
import { isActive } from '../../model/vm.js';
import { defineTarget, rebind, startTarget, verify } from '../../workflows/steps/guest.js';
import { renderedOf } from '../definition/rendering.js';
import { endsOf, implement } from '../kit/implement.js';
import { askBoth, refuseIfOnTarget, requireOff } from './location.js';
import { until } from '../kit/until.js';
import { placedOn } from '../network/placed-on.js';

/** How long a QEMU must live until it counts as started. */
const PROVING_MS = 1_000;
const GONE = { everyMs: 200, forMs: 30_000 };

/** L5 F14. Snapshots come with the disks that they are in; the definition alone would not know of them. */
export const defineTargetActivity = implement(defineTarget, (deps) => ({
  async run(input) {
    const { route, isAutostart } = input;
    const ends = await endsOf(deps, route);
    const { source, target } = ends;
    await target.hypervisor.define(await renderedOf(ends, input, 'persistent'));
    const snapshots = await source.hypervisor.snapshots(route.uuid);
    await target.hypervisor.defineSnapshots(route.uuid, snapshots);
    if (isAutostart) await target.hypervisor.setAutostart(route.uuid, true);
    return {};
  },
  async undo({ route }) {
    const { target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    await target.hypervisor.undefine(route.uuid, ['snapshots', 'TPM state']);
    if (!(await target.hypervisor.find(route.uuid))) return;
    throw new CodedError('UNDO_UNVERIFIED', `${route.name} is still defined on ${route.target}`);
  },
}));

/** Never while the source runs it. */
export const startTargetActivity = implement(startTarget, (deps) => ({
  async run({ route, power }) {
    const { source, target } = await endsOf(deps, route);
    await requireOff(source, route);
    if (power === 'off') return {};
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
}));

/** F15. A guest that is off or paused has its taps only when it runs. */
export const rebindActivity = implement(rebind, (deps) => ({
  async run({ route, ports, power }) {
    const { target } = await endsOf(deps, route);
    if (power !== 'off') await target.network.activate(await placedOn(target, ports));
    return {};
  },
}));

/** Asks twice, some time apart. */
export const verifyActivity = implement(verify, (deps) => ({
  async run({ route, power }, { pause }) {
    const ends = await endsOf(deps, route);
    for (const waitMs of power === 'off' ? [0] : [0, PROVING_MS]) {
      await pause(waitMs);
      const seen = await askBoth(ends, route);
      if (seen.target === power && !lives(seen.source)) continue;
      throw new CodedError(
        'GUEST_NOT_ON_TARGET',
        `${route.name} is ${seen.target} on ${route.target} and ${seen.source} on ${route.source}; it should be ${power}`,
        { hint: `See the log of its QEMU on ${route.target}.`, facts: { ...seen } },
      );
    }
    return { state: power };
  },
}));
