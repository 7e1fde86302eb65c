/** A request is taken once: who copies a sealed one out of a history starts nothing with it (S1). */
import type { Inventory } from '../../inventory/inventory.js';
import { notAuthorised } from '../../model/seal.js';
import type { StepContext } from '../kit/implement.js';

/** @throws NOT_AUTHORISED for a request that another run was started with */
export async function refuseSecondUse(
  inventory: Inventory,
  { requestOf }: StepContext,
): Promise<void> {
  const request = await requestOf();
  if (!request) return;
  const first = await inventory.takeRequest(request.digest, request.runId);
  if (first !== request.runId)
    throw notAuthorised('this request', `the run ${first} was already started with it`);
}
