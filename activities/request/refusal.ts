/** What the policy's refusal says: per role the rule that did not allow it. */
import { CodedError } from '../../model/errors.js';

/** @param says what the policy file says, or a role in it would have to */
export const notAllowed = (user: string, rules: readonly string[], says: string): CodedError =>
  new CodedError(
    'NOT_AUTHORISED',
    `${user || 'who gives no name'} may not do this: ${rules.join('; ') || 'the policy has no roles'}`,
    { hint: `The policy file (DROVER_POLICY) says ${says}.`, facts: { rules } },
  );
