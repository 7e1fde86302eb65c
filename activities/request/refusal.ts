/** What the policy's refusal says: per role the rule that did not allow it. */
import { CodedError } from '../../model/errors.js';

/** @param way what a role would have to say */
export const notAllowed = (user: string, rules: readonly string[], way: string): CodedError =>
  new CodedError(
    'NOT_AUTHORISED',
    `${user || 'who gives no name'} may not do this: ${rules.join('; ') || 'the policy has no roles'}`,
    { hint: `The policy file (DROVER_POLICY) says who may: ${way}.`, facts: { rules } },
  );
