/** `request.permitDecision`: asks the policy file about a decision on a move that runs. */
import { defined } from '../../model/defined.js';
import { decide } from '../../model/policy.js';
import { permitDecision } from '../../workflows/steps/request.js';
import { implement } from '../kit/implement.js';
import { notAllowed } from './refusal.js';

/** The policy is read anew for each decision. */
export const permitDecisionActivity = implement(permitDecision, ({ policy }) => ({
  async run({ user, project, decision }) {
    const verdict = decide(await policy(), { user, decision, ...defined({ project }) });
    if ('allowedBy' in verdict) return { rule: verdict.allowedBy };
    throw notAllowed(user, verdict.refusals, `who may: a role needs decisions: [${decision}]`);
  },
}));
