/** `request.permit`: asks the policy file about an operation on the fleet. */
import { decide } from '../../model/policy.js';
import { permit } from '../../workflows/steps/request.js';
import { notAllowed } from './refusal.js';
import { implement } from '../kit/implement.js';

/** The policy is read anew for each request. */
export const permitActivity = implement(permit, ({ policy }) => ({
  async run({ requestedBy, operation }) {
    const verdict = decide(await policy(), { user: requestedBy, operation });
    if ('allowedBy' in verdict) return { rule: verdict.allowedBy };
    throw notAllowed(
      requestedBy,
      verdict.refusals,
      `who may: a role needs operations: [${operation}]`,
    );
  },
}));
