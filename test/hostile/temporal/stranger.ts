/** Somebody who reaches Temporal, but has no key: by raw calls, with whatever the histories show. */
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import { randomUUID } from 'node:crypto';

type Payload = temporal.api.common.v1.IPayload;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
const VERSIONING = temporal.api.enums.v1.VersioningBehavior;
const KIND = temporal.api.enums.v1.EventType;

/** The version of workers that the stranger says he is. */
const OWN_VERSION = { deploymentName: 'stranger', buildId: 'stranger', workerVersioningMode: 2 };
const PINNED = {
  pinned: { behavior: 1, version: { deploymentName: 'stranger', buildId: 'stranger' } },
};

/** A value that nobody has sealed. */
export const plain = (value: unknown): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});

/** A call of one of drover's activities, as a workflow of the stranger's own makes it. */
export interface Call {
  readonly activityId: string;
  readonly activity: string;
  readonly input: readonly Payload[];
}

const calls = ({ workflowService, connection }: Client, namespace = 'default') => ({
  async history(workflowId: string, runId = ''): Promise<HistoryEvent[]> {
    const execution = { workflowId, runId };
    const answer = await workflowService.getWorkflowExecutionHistory({ namespace, execution });
    return answer.history?.events ?? [];
  },
  async start(type: string, taskQueue: string, workflowId: string, input: readonly Payload[]) {
    const { runId } = await workflowService.startWorkflowExecution({
      namespace,
      workflowId,
      requestId: randomUUID(),
      workflowType: { name: type },
      taskQueue: { name: taskQueue },
      input: { payloads: [...input] },
    });
    return runId;
  },
  /** Begins an ended run again, from its first workflow task. */
  async reset(workflowId: string, runId: string) {
    // Started, scheduled, started, completed.
    const [, , , { eventId = null } = {}] = await this.history(workflowId, runId);
    const answer = await workflowService.resetWorkflowExecution({
      namespace,
      workflowExecution: { workflowId, runId },
      requestId: randomUUID(),
      workflowTaskFinishEventId: eventId,
      reason: 'stranger',
    });
    return answer.runId;
  },
  /** A worker of his own: a workflow under that id makes these calls on drover's queue; how each ended, by its id. */
  async callAll(workflowId: string, droverQueue: string, asked: readonly Call[]) {
    const own = `stranger-${randomUUID()}`;
    const runId = await this.start('anything', own, workflowId, []);
    const taskQueue = { name: own };
    const first = await connection.withDeadline(Date.now() + 30_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue }),
    );
    await workflowService.respondWorkflowTaskCompleted({
      namespace,
      taskToken: first.taskToken,
      commands: asked.map(({ activityId, activity, input }) => ({
        commandType: temporal.api.enums.v1.CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId,
          activityType: { name: activity },
          taskQueue: { name: droverQueue },
          input: { payloads: [...input] },
          startToCloseTimeout: msToTs(20_000),
          scheduleToCloseTimeout: msToTs(20_000),
          retryPolicy: { maximumAttempts: 1 },
        },
      })),
    });
    const events = await this.until(workflowId, runId, (seen) =>
      ended(seen).length >= asked.length ? seen : undefined,
    );
    await workflowService.terminateWorkflowExecution({
      namespace,
      workflowExecution: { workflowId, runId },
    });
    const idOf = (id: unknown) =>
      events.find(({ eventId }) => String(eventId) === String(id))
        ?.activityTaskScheduledEventAttributes?.activityId ?? '';
    return new Map(ended(events).map(({ scheduled, how }) => [idOf(scheduled), how]));
  },
  /**
   * Takes a workflow task of a run that is open away from drover's workers, and enters these calls once more; how each ended. The
   * run is sent to a version of workers that he says he is.
   */
  async enterAgain(workflowId: string, droverQueue: string, only: readonly string[]) {
    const execution = { workflowId };
    const before = await this.history(workflowId);
    const pin = (isOwn: boolean) =>
      workflowService.updateWorkflowExecutionOptions({
        namespace,
        workflowExecution: execution,
        workflowExecutionOptions: isOwn ? { versioningOverride: PINNED } : {},
        updateMask: { paths: ['versioning_override'] },
      });
    const taskQueue = { name: droverQueue };
    const own = { namespace, identity: 'stranger', deploymentOptions: OWN_VERSION };
    const task = connection.withDeadline(Date.now() + 60_000, () =>
      workflowService.pollWorkflowTaskQueue({ ...own, taskQueue }),
    );
    await pinned(() => pin(true));
    await workflowService.signalWorkflowExecution({
      namespace,
      workflowExecution: execution,
      signalName: 'anything',
      requestId: randomUUID(),
    });
    const { taskToken } = await task;
    await pin(false);
    const asked = before.flatMap(({ activityTaskScheduledEventAttributes: of }) =>
      of && only.includes(of.activityType?.name ?? '') ? [of] : [],
    );
    await workflowService.respondWorkflowTaskCompleted({
      ...own,
      taskToken,
      versioningBehavior: VERSIONING.VERSIONING_BEHAVIOR_PINNED,
      commands: asked.map(({ activityId, activityType, input, header }) => ({
        commandType: temporal.api.enums.v1.CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: activityId ?? '',
          activityType: activityType ?? null,
          taskQueue,
          input: input ?? null,
          header: header ?? null,
          startToCloseTimeout: msToTs(20_000),
          scheduleToCloseTimeout: msToTs(20_000),
          retryPolicy: { maximumAttempts: 1 },
        },
      })),
    });
    const events = await this.until(workflowId, '', (seen) => {
      const since = ended(seen.slice(before.length));
      return since.length >= asked.length ? since : undefined;
    });
    return { asked: asked.length, how: events.map(({ how }) => how) };
  },
  /** Answers a step in drover's place. */
  async answer(droverQueue: string, answer: (activity: string) => readonly Payload[]) {
    const taskQueue = { name: droverQueue };
    const task = await connection.withDeadline(Date.now() + 30_000, () =>
      workflowService.pollActivityTaskQueue({ namespace, taskQueue }),
    );
    const payloads = [...answer(task.activityType?.name ?? '')];
    const { taskToken } = task;
    await workflowService.respondActivityTaskCompleted({
      namespace,
      taskToken,
      result: { payloads },
    });
  },
  /** Ends the run whose workflow task comes next, well and with this result. */
  /** Takes a run of that queue away before its first step, and what it was asked for with it. */
  async intercept(queue: string) {
    const { workflowExecution, history } = await connection.withDeadline(Date.now() + 30_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: queue } }),
    );
    const { workflowId = '', runId = '' } = workflowExecution ?? {};
    await workflowService.terminateWorkflowExecution({
      namespace,
      workflowExecution: { workflowId, runId },
    });
    const [started] = history?.events ?? [];
    return {
      workflowId: workflowId ?? '',
      input: started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [],
    };
  },
  async complete(queue: string, payloads: readonly Payload[]) {
    const { taskToken } = await connection.withDeadline(Date.now() + 30_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: queue } }),
    );
    const result = { payloads: [...payloads] };
    await workflowService.respondWorkflowTaskCompleted({
      namespace,
      taskToken,
      commands: [
        {
          commandType: temporal.api.enums.v1.CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
          completeWorkflowExecutionCommandAttributes: { result },
        },
      ],
    });
  },
  /** Sends an update with copied arguments; what Temporal answers. */
  async update(workflowId: string, name: string, payloads: readonly Payload[]) {
    const { outcome } = await workflowService.updateWorkflowExecution({
      namespace,
      workflowExecution: { workflowId },
      waitPolicy: {
        lifecycleStage:
          temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage
            .UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
      },
      request: {
        meta: { updateId: randomUUID(), identity: 'stranger' },
        input: { name, args: { payloads: [...payloads] } },
      },
    });
    return outcome;
  },
  async until<T>(
    workflowId: string,
    runId: string,
    found: (events: HistoryEvent[]) => T | undefined,
  ): Promise<T> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const events = await this.history(workflowId, runId);
      const answer = found(events);
      if (answer !== undefined) return answer;
      if (Date.now() > deadline)
        throw new Error(`not within 30 s: ${JSON.stringify(events.at(-1))}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
});

/** Temporal knows his version once he has asked for work as such. */
async function pinned(pin: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + 30_000; ;) {
    try {
      await pin();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The stranger, with a client that has no key. */
export const strangerAt = (client: Client) => calls(client);
export type Stranger = ReturnType<typeof strangerAt>;

/** How each activity of a history ended: `done`, or the type of its failure. */
const ended = (events: readonly HistoryEvent[]) =>
  events.flatMap((event) => {
    const failed = event.activityTaskFailedEventAttributes;
    if (failed)
      return [
        {
          scheduled: failed.scheduledEventId,
          how: failed.failure?.applicationFailureInfo?.type ?? 'failed',
        },
      ];
    const timedOut = event.activityTaskTimedOutEventAttributes;
    if (timedOut) return [{ scheduled: timedOut.scheduledEventId, how: 'timed out' }];
    const done = event.activityTaskCompletedEventAttributes;
    return done ? [{ scheduled: done.scheduledEventId, how: 'done' }] : [];
  });

/** The type of the failure that a run ended with; nothing while it runs. */
export const failureOfRun = (events: readonly HistoryEvent[]): string | undefined => {
  const last = events.at(-1);
  if (last?.eventType === KIND.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED) return 'completed';
  const { failure } = last?.workflowExecutionFailedEventAttributes ?? {};
  return failure?.applicationFailureInfo?.type ?? undefined;
};
