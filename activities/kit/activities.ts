/** Makes Temporal activities of implementations: parsed ends, heartbeats, cancellation, coded failures. */
import { CancelledFailure, Context } from '@temporalio/activity';
import type { Payload } from '@temporalio/common';
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { MigrationId } from '../../model/ids.js';
import { SEALED, SEALED_AT } from '../../model/seal.js';
import { undoOf } from '../../workflows/kit/step.js';
import type { Deps, Implementation, SealedRequest, StepContext } from './implement.js';
import { refuseSecondUse } from '../request/once.js';
import { codeOf } from './fence.js';
import { toFailure } from './failure.js';

/** An activity as a worker registers it. */
export type Activity = (input: unknown) => Promise<unknown>;

/** How often a long step's progress is sent; a cancellation arrives with the answer. */
export const HEARTBEAT_EVERY_MS = 400;

/** They change nothing, and a schedule's request begins many runs; an audit that repairs asks by itself. */
const FOR_ANY_RUN: ReadonlySet<string> = new Set(['vm.resolve', 'fleet.audit']);
/** So many runs are remembered as those that have taken their requests. */
const REMEMBERED = 10_000;

/**
 * All activities by name: each step's run, and its undo under the undo's own name. Whatever a run's history says has been asked
 * before: nothing is done for a run whose request another one has taken.
 */
export function toActivities(
  implementations: readonly Implementation[],
  deps: Deps,
): Record<string, Activity> {
  const taken = new Set<string>();
  const ofItsRun =
    (name: string, work: Work): Work =>
    async (input, context) => {
      const runId = Context.current().info.workflowExecution?.runId ?? '';
      if (!FOR_ANY_RUN.has(name) && !taken.has(runId)) {
        await refuseSecondUse(deps.inventory, context);
        if (taken.size >= REMEMBERED) taken.clear();
        taken.add(runId);
      }
      return work(input, context);
    };
  const entries = implementations.flatMap((implementation) => {
    const { step } = implementation;
    const code = codeOf(implementation, deps);
    const run = [step.name, guarded(ofItsRun(step.name, code.run))] as const;
    const name = undoOf(step)?.name;
    return code.undo && name ? [run, [name, guarded(ofItsRun(name, code.undo))] as const] : [run];
  });
  return Object.fromEntries(entries);
}

type Work = (input: unknown, context: StepContext) => Promise<unknown>;

function guarded(work: Work): Activity {
  return async (input) => {
    const activity = Context.current();
    let details: unknown = activity.info.heartbeatDetails;
    const beat = setInterval(() => activity.heartbeat(details), HEARTBEAT_EVERY_MS);
    try {
      return await work(input, {
        progress: (next) => {
          details = next;
        },
        pause,
        nowMs: Date.now,
        signal: activity.cancellationSignal,
        isCancelRequested: () => activity.cancellationDetails?.cancelRequested ?? false,
        cancelled: () => activity.cancelled,
        runOf: (id) => findRun(activity.client, id),
        requestOf: () => requestOf(activity),
      });
    } catch (error) {
      // A command that was ended because of the cancellation fails in some way; that is no failure of the step's.
      if (activity.cancellationDetails?.cancelRequested) throw new CancelledFailure('cancelled');
      throw toFailure(error);
    } finally {
      clearInterval(beat);
    }
  };
}

/** A migration's id is the id of its first run. */
async function findRun(client: Context['client'], id: MigrationId) {
  for await (const run of client.workflow.list({ query: `RunId = "${id}"` }))
    return { workflowId: run.workflowId, isOpen: run.status.name === 'RUNNING' };
  return undefined;
}

/** The first event of a run's history is its request. */
async function requestOf({ client, info }: Context): Promise<SealedRequest | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: info.namespace,
    execution: info.workflowExecution ?? {},
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const payload = started?.input?.payloads?.[0];
  const digest = digestOf(payload);
  if (digest === undefined) return undefined;
  const sealedAtMs = Number(Buffer.from(payload?.metadata?.[SEALED_AT] ?? []).toString());
  return { digest, sealedAtMs, runId: info.workflowExecution?.runId ?? '' };
}

/** Of a sealed payload: it is another each time that somebody seals the same. */
function digestOf(payload: Payload | undefined): string | undefined {
  const encoding = Buffer.from(payload?.metadata?.['encoding'] ?? []).toString();
  if (encoding !== SEALED) return undefined;
  return createHash('sha256')
    .update(payload?.data ?? '')
    .digest('hex');
}
