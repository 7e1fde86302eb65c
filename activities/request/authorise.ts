/** `request.authorise`: asks the policy file. */
import { defined } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import { decide } from '../../model/policy.js';
import { authorise } from '../../workflows/steps/request.js';
import { notAllowed } from './refusal.js';
import { implement } from '../kit/implement.js';
import { knownVm } from '../vm/known.js';

/** An unknown VM is left to `vm.lookup` to refuse; until then its project is the one that the request states. */
export const authoriseActivity = implement(authorise, ({ inventory, policy }) => ({
  async run({ requestedBy, project: stated, vm, target, move }) {
    const known = await knownVm(inventory, vm);
    const project = known?.project ?? stated ?? 'default';
    if (stated !== undefined && stated !== project) {
      throw refused(`${vm} belongs to the project ${project}, not to ${stated}`, [
        `project: the request says ${stated}`,
      ]);
    }
    const verdict = decide(await policy(), {
      user: requestedBy,
      project,
      move,
      ...defined({ host: target }),
    });
    if ('allowedBy' in verdict) return { rule: verdict.allowedBy };
    throw notAllowed(requestedBy, verdict.refusals, 'who may do what');
  },
}));

const refused = (message: string, rules: readonly string[]): CodedError =>
  new CodedError('NOT_AUTHORISED', message, {
    hint: 'The policy file (DROVER_POLICY) says who may do what.',
    facts: { rules },
  });
