/** `guest.settleOnTarget`: what `forward` does where the hosts contradict each other. */
import { lives, sideOf } from '../../model/side.js';
import { CodedError } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import { settleOnTarget } from '../../workflows/steps/guest.js';
import { requireMark } from '../kit/fence.js';
import { endsOf, implement } from '../kit/implement.js';
import { sideAt } from './location.js';

/** Never ends a running guest, nor one whose memory is on both hosts. If the source does not answer, the operator's word counts. */
export const settleOnTargetActivity = implement(settleOnTarget, (deps) => ({
  async run({ route }) {
    const ends = await endsOf(deps, route);
    const target = sideOf(await ends.target.hypervisor.find(route.uuid));
    if (target !== 'running' && target !== 'paused')
      throw refusal(
        route,
        `it is ${target} on ${route.target}`,
        'Start it there by hand, then retry.',
      );
    const source = await sideAt(ends.source, route);
    if (source === 'running')
      throw refusal(
        route,
        `it is running on ${route.source} too`,
        `Pause it there first: virsh suspend ${route.name}`,
      );
    // Only a target that has all of the memory runs without the rest: otherwise a part of the guest would be ended here.
    if (source === 'postcopy' && target !== 'running')
      throw refusal(
        route,
        'its memory is on both hosts, in part',
        'Retry when the hosts reach each other again.',
      );
    if (lives(source)) {
      await requireMark(ends.source, route);
      await ends.source.hypervisor.destroy(route.uuid);
    }
    return { runsOn: 'target' as const, source, target };
  },
}));

const refusal = ({ name }: Route, why: string, hint: string): CodedError =>
  new CodedError('LOCATION_UNDECIDED', `${name} cannot be settled on the target: ${why}`, { hint });
