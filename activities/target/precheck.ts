/** `target.precheck`: everything that speaks against the move, all at once, and the forecast. */
import { CodedError, type ErrorCode } from '../../model/errors.js';
import { objectionText, standing } from '../../model/objection.js';
import { precheckTarget } from '../../workflows/steps/target.js';
import { endsOf, implement } from '../kit/implement.js';
import { forecastOf } from './forecast.js';
import { guestObjections } from './guest-objections.js';
import {
  hypervisorObjections,
  leftoverObjections,
  linkObjections,
  networkAndFileObjections,
  roomObjections,
  type Question,
} from './objections.js';

/** B5 B7. Nothing is changed on any host. */
export const precheckTargetActivity = implement(precheckTarget, (deps) => ({
  async run({ route, vm, disks, live, objections, accepted }) {
    const move = live ? 'live' : 'cold';
    const groups = await deps.inventory.groups();
    const ends = await endsOf(deps, route);
    const question: Question = { route, vm, disks, move, groups, ...ends };
    const [forecast, ofGuest, ...found] = await Promise.all([
      live &&
        forecastOf(ends.source, ends.target, vm, disks, live.options, live.isForecastMeasured),
      guestObjections(question),
      ...[
        linkObjections,
        hypervisorObjections,
        networkAndFileObjections,
        leftoverObjections,
        roomObjections,
      ].map((ask) => ask(question)),
    ]);
    const told: Told = {
      guest: standing([...vm.objections, ...ofGuest], move, accepted).map(objectionText),
      storage: standing(objections, move, accepted).map(objectionText),
      target: found.flat(),
    };
    const all = Object.values(told).flat();
    if (all.length === 0) return forecast ? { forecast } : {};
    throw new CodedError(
      codeOf(told),
      `${vm.name} cannot move ${move} from ${route.source} to ${route.target}: ${all.join('; ')}`,
      {
        hint:
          told.target.length > 0
            ? `Mend it on ${route.target}, or leave out the target and let the scheduler choose.`
            : 'Each reason says what can be done about it.',
        facts: { target: route.target, objections: all },
      },
    );
  },
}));

type Told = Readonly<Record<'guest' | 'storage' | 'target', readonly string[]>>;

/** By what it is about; a guest that cannot move at all before a target that does not suit it. */
const codeOf = ({ guest, storage }: Told): ErrorCode =>
  guest.length > 0
    ? 'DEFINITION_UNSUPPORTED'
    : storage.length > 0
      ? 'STORAGE_UNSUITABLE'
      : 'TARGET_UNSUITABLE';
