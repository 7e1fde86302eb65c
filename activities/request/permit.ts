/** `request.permit`: asks the policy file about an operation on the fleet. */
import { decide } from '../../model/policy.js';
import { permit } from '../../workflows/steps/request.js';
import { refuseSecondUse } from './once.js';
import { notAllowed } from './refusal.js';
import { implement } from '../kit/implement.js';

/** The policy is read anew for each request. */
export const permitActivity = implement(permit, ({ inventory, policy }) => ({
  async run({ requestedBy, operation }, context) {
    await refuseSecondUse(inventory, context);
    const verdict = decide(await policy(), { user: requestedBy, operation });
    if ('allowedBy' in verdict) return { rule: verdict.allowedBy };
    throw notAllowed(
      requestedBy,
      verdict.refusals,
      `who may: a role needs operations: [${operation}]`,
    );
  },
}));
