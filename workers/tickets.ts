/** The activities' end of workflows/engine/tickets.ts: a step is done for the run that asks only, and its answer is that run's. */
import type { Info } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { toFailure } from '../activities/kit/failure.js';
import type { Unsealed } from '../codec/aes-gcm.js';
import type { Inventory } from '../inventory/inventory.js';
import { CodedError, messageOf } from '../model/errors.js';
import { isSameCall, Ticket } from '../model/ticket.js';
import { notAuthorised, refuseUnsealed } from '../model/seal.js';

/**
 * @param calls remembers for good who came first under a key
 * @param ofOthers `take`: steps without a ticket are done as well, for runs of a release before 0.3
 */
export const ticketInterceptors =
  (calls: Calls, ofOthers: Unsealed): ActivityInterceptorsFactory =>
  ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const own = { runId: info.workflowExecution?.runId ?? '', step: info.activityType };
        const [argument, given] = input.args;
        const ticket = Ticket.safeParse(given);
        if (given !== undefined || ofOthers === 'refuse') {
          const why = whyNot(argument, ticket.data, own);
          if (why) throw why;
        }
        await refuseAgain(calls, own, info);
        const answer = await next({ ...input, args: [argument] });
        return { ticket: own, answer };
      },
    },
  });

/** As the inventory takes requests. */
export type Calls = Pick<Inventory, 'takeRequest'>;

/**
 * A call is done for one entry of its run's history, however often that is tried: who gets hold of an open run, and enters the same
 * call once more with the input that it shows, has nothing done by it.
 * @throws NOT_AUTHORISED
 */
async function refuseAgain(
  calls: Calls,
  { runId, step }: Ticket,
  { activityId, scheduledTimestampMs }: Info,
): Promise<void> {
  const entry = String(scheduledTimestampMs);
  const first = await calls
    .takeRequest(`call/${runId}/${activityId}`, entry)
    .catch((cause: unknown) => {
      throw toFailure(
        new CodedError(
          'INVENTORY_UNREACHABLE',
          `the inventory did not answer: ${messageOf(cause)}`,
          {
            hint: 'Look at the database that DATABASE_URL names, or at drover up.',
            cause,
          },
        ),
      );
    });
  if (first !== entry)
    throw toFailure(notAuthorised(`the call of ${step}`, 'it was called before'));
}

/** The refusal of a call that is not this run's. */
function whyNot(argument: unknown, ticket: Ticket | undefined, own: Ticket): Error | undefined {
  const what = `the call of ${own.step}`;
  try {
    refuseUnsealed(what, [argument, ticket]);
    if (!ticket) throw notAuthorised(what, 'it has no ticket');
    if (!isSameCall(ticket, own)) throw notAuthorised(what, 'its ticket is that of another call');
    return undefined;
  } catch (error) {
    return toFailure(error);
  }
}
