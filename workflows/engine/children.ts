/** Runs of other runbooks that a run starts. */
import { executeChild, workflowInfo } from '@temporalio/workflow';

/**
 * Runs a workflow of that type and returns what it returns. It is abandoned when this run ends: what it has begun it finishes.
 * A cancellation of this run is not passed on for the same reason; who wants it aborted aborts it by its own id.
 */
export const runChild = (type: string, request: unknown, workflowId: string): Promise<unknown> =>
  executeChild(type, {
    workflowId,
    args: [request],
    taskQueue: workflowInfo().taskQueue,
    parentClosePolicy: 'ABANDON',
    cancellationType: 'ABANDON',
    staticSummary: `for ${workflowInfo().workflowId}`,
  });
