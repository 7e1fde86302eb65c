/**
 * What goes out of a run is for this run, and what comes in was sealed by who has drover's key (S1). Temporal's interceptors see
 * every call, so that no step and no runbook can forget it. The other end is workers/tickets.ts.
 */
import { ApplicationFailure, patched, workflowInfo } from '@temporalio/workflow';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import type { CodedError } from '../../model/errors.js';
import { Answer, isSameCall, type Ticket } from '../../model/ticket.js';
import { notAuthorised, refuseUnsealed, RUNBOOK } from '../../model/seal.js';

/** Found under this name by Temporal's SDK. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute: async (input, next) => {
        inFailures(() => refuseUnsealed('this request', input.args));
        const args = inFailures(() => input.args.map(ofThisRunbook));
        return ofRun(await next({ ...input, args }));
      },
      validateUpdate: (input, next) => {
        inFailures(() => refuseUnsealed(`this ${input.name}`, input.args));
        next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: async (input, next) => {
        const ticket = { runId: workflowInfo().runId, step: input.activityType };
        // Answers carry their ticket since this change; runs that began before have some without.
        const isSealed = patched('answers-with-tickets');
        const answer = await next({ ...input, args: [...input.args, ticket] });
        return inFailures(() => answerOf(answer, ticket, isSealed));
      },
    },
  ],
});

/** Drover's client says in a request what it is to begin: started as another runbook, which may read it as its own, it begins nothing. */
function ofThisRunbook(request: unknown): unknown {
  if (typeof request !== 'object' || request === null || !(RUNBOOK in request)) return request;
  const { [RUNBOOK]: runbook, ...rest } = request;
  const { workflowType } = workflowInfo();
  if (runbook === workflowType) return rest;
  throw notAuthorised(
    'this request',
    `it was made for ${String(runbook)}, not for ${workflowType}`,
  );
}

/** What a run returns says of which run it is: copied to the end of another, it is not taken for that one's. */
const ofRun = (report: unknown): unknown =>
  typeof report === 'object' && report !== null && !Array.isArray(report)
    ? { ...report, runId: workflowInfo().runId }
    : report;

/** What the step has returned. @throws NOT_AUTHORISED for the answer to another call */
function answerOf(value: unknown, asked: Ticket, isSealed: boolean): unknown {
  const what = `the answer of ${asked.step}`;
  refuseUnsealed(what, [value]);
  const { success, data } = Answer.safeParse(value);
  if (!success) {
    if (isSealed) throw notAuthorised(what, 'it has no ticket');
    return value;
  }
  if (!isSameCall(data.ticket, asked)) throw notAuthorised(what, 'it is that of another call');
  return data.answer;
}

/** A plain error would make a run wait for ever. */
function inFailures<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    const { code, message, hint } = error as CodedError;
    throw ApplicationFailure.create({
      type: code,
      message,
      nonRetryable: true,
      details: [{ outcome: 'refused', hint, leftovers: [] }],
    });
  }
}
