/** A worker on the tests' Temporal server, over the fake data centre, with steps that a test can stop or break. */
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Activity } from '../../activities/kit/activities.js';
import { createActivities } from '../../activities/index.js';
import {
  connectDrover,
  type Drover,
  type LiveMigrationInput,
  type Migration,
} from '../../api/client.js';
import type { DiskKind } from '../../drivers/fake/build.js';
import { registerSearchAttributes } from '../../workers/worker.js';
import { buildSite, type FakeSite } from './fake-migration.js';

/** The bundle that the build made: the one that production runs. */
export const BUNDLE = { codePath: resolve(__dirname, '../../dist/workflow-bundle.js') };

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** A step that waits for the test. */
export interface Gate {
  /** Resolves when the step was called. */
  readonly reached: Promise<void>;
  open(): void;
}

/** What a test works with. */
export interface WorkflowSite extends FakeSite {
  readonly drover: Drover;
  /** Starts moving vm1 to h2. */
  start(request?: Partial<LiveMigrationInput>): Promise<Migration>;
  /** Starts the workflow as another service might: past drover's client and its checks. */
  startRaw(argument: unknown): Promise<Migration>;
  /** The next call of this activity waits until the gate is opened. */
  gateAt(activity: string): Gate;
  /** The next `times` calls of this activity fail, without an effect. */
  failAt(activity: string, times?: number): void;
}

/** One worker for a test file; each test gets a fresh world. */
export interface WorkflowHarness {
  fresh(disks: readonly DiskKind[]): Promise<WorkflowSite>;
  close(): Promise<void>;
}

/** Starts the worker and connects a client. */
export async function startHarness(): Promise<WorkflowHarness> {
  const address = process.env['DROVER_TEST_TEMPORAL'] ?? '';
  const taskQueue = `test-${randomUUID()}`;
  const connection = await NativeConnection.connect({ address });
  await registerSearchAttributes(connection, 'default');
  const hooks = new Map<string, (() => Promise<void>)[]>();
  let site: FakeSite | undefined;
  const names = Object.keys(createActivities({} as never));
  const activities = Object.fromEntries(
    names.map((name) => [name, hooked(name, hooks, () => site)]),
  );
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: BUNDLE,
    activities,
    maxHeartbeatThrottleInterval: 200,
    maxCachedWorkflows: 50,
  });
  const running = worker.run();
  const drover = await connectDrover({ address, taskQueue });
  return {
    async fresh(disks) {
      hooks.clear();
      const built = (site = await buildSite(disks));
      return {
        ...built,
        drover,
        ...controls(hooks),
        start: (request) => startMigration(drover, request),
        startRaw: (argument) => startPast(drover, taskQueue, argument),
      };
    },
    async close() {
      worker.shutdown();
      await running;
      await drover.close();
      await connection.close();
    },
  };
}

const startMigration = (
  drover: Drover,
  request: Partial<LiveMigrationInput> = {},
): Promise<Migration> =>
  drover.startLiveMigration({
    vm: 'vm1',
    target: 'h2',
    requestedBy: 'test',
    reason: 'test',
    ...request,
  });

async function startPast(drover: Drover, taskQueue: string, argument: unknown): Promise<Migration> {
  const workflowId = `raw/${randomUUID()}`;
  await drover.temporal.workflow.start('liveMigration', {
    taskQueue,
    workflowId,
    args: [argument],
  });
  return drover.migration(workflowId);
}

/** The real activity over the current site, after whatever the test put before it. */
const hooked =
  (
    name: string,
    hooks: Map<string, (() => Promise<void>)[]>,
    site: () => FakeSite | undefined,
  ): Activity =>
  async (input) => {
    await hooks.get(name)?.shift()?.();
    const activity = createActivities((site() as FakeSite).deps)[name] as Activity;
    return activity(input);
  };

function controls(
  hooks: Map<string, (() => Promise<void>)[]>,
): Pick<WorkflowSite, 'gateAt' | 'failAt'> {
  const add = (name: string, hook: () => Promise<void>) =>
    hooks.set(name, [...(hooks.get(name) ?? []), hook]);
  return {
    gateAt(name) {
      let reach: () => void = () => undefined;
      let open: () => void = () => undefined;
      const reached = new Promise<void>((resolvePromise) => (reach = resolvePromise));
      const opened = new Promise<void>((resolvePromise) => (open = resolvePromise));
      add(name, async () => {
        reach();
        await opened;
      });
      return { reached, open };
    },
    failAt(name, times = 1) {
      for (let i = 0; i < times; i++) {
        add(name, () =>
          Promise.reject(
            ApplicationFailure.create({
              type: 'COMMAND_FAILED',
              message: `injected at ${name}`,
              nonRetryable: true,
            }),
          ),
        );
      }
    },
  };
}

/** Waits until the migration holds, and returns what it says. */
export async function untilHeld(
  migration: Migration,
): Promise<{ step: string; choices: readonly string[]; kind: string }> {
  const deadline = Date.now() + 20_000;
  for await (const { hold, steps } of migration.watch(50)) {
    if (hold) return hold;
    if (Date.now() > deadline) throw new Error(`no hold after 20 s: ${JSON.stringify(steps)}`);
  }
  throw new Error('the migration ended without a hold');
}
