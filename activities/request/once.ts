/** A request is taken once: who copies a sealed one out of a history starts nothing with it (S1). */
import { CodedError } from '../../model/errors.js';
import type { Inventory } from '../../inventory/inventory.js';
import { notAuthorised } from '../../model/seal.js';
import type { StepContext } from '../kit/implement.js';

/** How long a request may wait for its run: whoever has taken it away in between starts nothing with it later. */
const MAX_AGE_MS = 3600_000;
/** Whose it is from then on. */
const NOBODY = 'expired';

/** @throws NOT_AUTHORISED for a request that another run was started with, or that was made too long ago */
export async function refuseSecondUse(
  inventory: Inventory,
  { requestOf, nowMs }: StepContext,
): Promise<void> {
  const request = await requestOf();
  if (!request) return;
  // A run that had taken it in time goes on with it, however late.
  const isOld = nowMs() - request.sealedAtMs > MAX_AGE_MS;
  const taker = isOld ? NOBODY : request.runId;
  const first = await inventory.takeRequest(request.digest, taker);
  if (first === NOBODY)
    throw new CodedError(
      'NOT_AUTHORISED',
      'this request was made more than an hour ago, and no run has taken it since',
      { hint: 'Ask for it again, if it is still wanted.' },
    );
  if (first !== request.runId)
    throw notAuthorised('this request', `the run ${first} was already started with it`);
}
