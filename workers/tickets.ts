/** The activities' end of workflows/engine/tickets.ts: a step is done for the run that asks only, and its answer is that run's. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { toFailure } from '../activities/kit/failure.js';
import type { Unsealed } from '../codec/aes-gcm.js';
import { isSameCall, Ticket } from '../model/ticket.js';
import { notAuthorised, refuseUnsealed } from '../model/seal.js';

/** @param ofOthers `take`: steps without a ticket are done as well, for runs of a release before 0.3 */
export const ticketInterceptors =
  (ofOthers: Unsealed): ActivityInterceptorsFactory =>
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
        const answer = await next({ ...input, args: [argument] });
        return { ticket: own, answer };
      },
    },
  });

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
