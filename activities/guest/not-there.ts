/** What `guest.confirm` waits for: the target has not got what the source would lose. */
import { CodedError, type Facts } from '../../model/errors.js';

/** @param why in words, to which it is added that nothing is lost yet */
export const notThere = (
  why: string,
  { hint, facts }: { readonly hint: string; readonly facts: Facts },
): CodedError =>
  new CodedError('GUEST_NOT_ON_TARGET', `${why}; the source keeps what it has`, { hint, facts });
