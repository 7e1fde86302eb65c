/** `target.precheck`: everything that speaks against the move, all at once, and the forecast. */
import { defined } from '../../model/defined.js';
import { CodedError, type ErrorCode } from '../../model/errors.js';
import { objectionText, standing } from '../../model/objection.js';
import { precheckTarget } from '../../workflows/steps/target.js';
import { neighboursOn } from '../host/uses.js';
import { endsOf, implement } from '../kit/implement.js';
import { directionObjections } from './direction.js';
import { forecastOf } from './forecast.js';
import { leftoverObjections } from './leftovers.js';
import { asideObjections } from './set-asides.js';
import { needObjections } from './needs.js';
import { trialObjections } from './trial.js';
import { guestObjections } from './guest-objections.js';
import {
  hypervisorObjections,
  linkObjections,
  networkOrGroupObjections,
  roomObjections,
  type Question,
} from './objections.js';

const OF_TARGET = [
  linkObjections,
  hypervisorObjections,
  networkOrGroupObjections,
  needObjections,
  leftoverObjections,
  roomObjections,
];

/** Changes nothing on any host but for the trial of the definition, which it takes back itself. */
export const precheckTargetActivity = implement(precheckTarget, (deps) => ({
  async run({ route, vm, disks, live, objections, accepted, isCarryingSecrets }) {
    const move = live ? 'live' : 'cold';
    const groups = await deps.inventory.groups();
    const ends = await endsOf(deps, route);
    const neighbours = neighboursOn(ends.target, route.uuid);
    const about = { route, vm, disks, groups, isCarryingSecrets };
    const question: Question = { ...about, move, neighbours, ...ends };
    const ofTarget = Promise.all(OF_TARGET.map((ask) => told(ask(question))));
    const [forecast, ofGuest, ofAsides, ofTrial] = await Promise.all([
      live &&
        forecastOf(ends.source, ends.target, vm, disks, live.options, live.isForecastMeasured),
      guestObjections(question),
      asideObjections(question),
      // Not with the others: libvirt's answers that come together wait 40 ms for a delayed ACK.
      ofTarget.then(() => trialObjections(question)),
    ]);
    const direction = await directionObjections(question);
    const found: Found = {
      guest: standing([...vm.objections, ...ofTrial, ...ofGuest], move, accepted).map(
        objectionText,
      ),
      storage: standing([...objections, ...ofAsides], move, accepted).map(objectionText),
      target: [
        ...(await ofTarget).flat(),
        ...standing(direction, move, accepted).map(objectionText),
      ],
    };
    const all = Object.values(found).flat();
    if (all.length === 0) {
      const raised = [...vm.objections, ...ofTrial, ...ofGuest, ...objections, ...direction];
      const idle = accepted.filter((word) => !raised.some(({ accept }) => accept === word));
      return defined({ forecast, idle: idle.length > 0 ? idle : undefined });
    }
    throw new CodedError(
      codeOf(found),
      `${vm.name} cannot move ${move} from ${route.source} to ${route.target}: ${all.join('; ')}`,
      {
        hint:
          found.target.length > 0
            ? `Fix it on ${route.target}, or omit --to to let drover choose.`
            : 'Each reason says what you can do about it.',
        facts: { target: route.target, objections: all },
      },
    );
  },
  async undo({ route }) {
    const { target } = await endsOf(deps, route);
    await target.hypervisor.forgetTrial(route.uuid);
  },
  describe: ({ route }) => [
    `virDomainDefineXMLFlags VALIDATE and virConnectDomainXMLToNative on ${route.target}, under another name, and undefine it`,
  ],
}));

/** What a hypervisor says instead of an answer is a reason like the others, so that it hides none of them. */
async function told(asked: Promise<string[]>): Promise<string[]> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'LIBVIRT_FAILED') throw error;
    return [`it cannot tell whether the guest fits: ${error.message}`];
  }
}

type Found = Readonly<Record<'guest' | 'storage' | 'target', readonly string[]>>;

/** By what the objections are about: first the guest, then its storage, then the target. */
const codeOf = ({ guest, storage }: Found): ErrorCode =>
  guest.length > 0
    ? 'DEFINITION_UNSUPPORTED'
    : storage.length > 0
      ? 'STORAGE_UNSUITABLE'
      : 'TARGET_UNSUITABLE';
