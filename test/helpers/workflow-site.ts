/** A worker on the tests' Temporal server, over the fake data centre, with steps that a test can stop or break. */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import {
  connectDrover,
  type ColdMigrationInput,
  type Drover,
  type LiveMigrationInput,
} from '../../client/drover.js';
import { type Migration } from '../../client/migration.js';
import type { DiskKind } from '../../drivers/fake/build.js';
import { dataConverterOf } from '../../codec/codecs.js';
import { inMemoryInventory } from '../../inventory/in-memory.js';
import { ticketInterceptors } from '../../workers/tickets.js';
import { registerSearchAttributes } from '../../workers/worker.js';
import type { Hold } from '../../model/progress.js';
import { ASKED, buildSite, type FakeSite } from './fake-migration.js';
import { hookedActivities, type Controls } from './hooks.js';

/** The bundle that the build made: the one that production runs. */
export const BUNDLE = { codePath: resolve(__dirname, '../../dist/workflow-bundle.js') };

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** What a test works with. */
export interface WorkflowSite extends FakeSite, Controls {
  readonly drover: Drover;
  /** Starts moving vm1 to h2. */
  start(request?: Partial<LiveMigrationInput>): Promise<Migration>;
  /** Starts the workflow as another service might: past drover's client and its checks. */
  startRaw(argument: unknown): Promise<Migration>;
  /** Starts moving vm1 cold to h2. */
  startCold(request?: Partial<ColdMigrationInput>): Promise<Migration>;
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
  let site: FakeSite | undefined;
  const calls = inMemoryInventory();
  const { activities, controls, clear } = hookedActivities(() => (site as FakeSite).deps);
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: BUNDLE,
    activities,
    dataConverter: dataConverterOf(undefined),
    interceptors: { activity: [ticketInterceptors(calls, 'refuse')] },
    maxHeartbeatThrottleInterval: 200,
    maxCachedWorkflows: 50,
  });
  const running = worker.run();
  const drover = await connectDrover({ address, taskQueue });
  return {
    async fresh(disks) {
      clear();
      const built = (site = await buildSite(disks));
      return {
        ...built,
        drover,
        ...controls,
        start: (request) => drover.startLiveMigration({ ...ASKED, ...request }),
        startCold: (request) => drover.startColdMigration({ ...ASKED, ...request }),
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

async function startPast(drover: Drover, taskQueue: string, argument: unknown): Promise<Migration> {
  const workflowId = `raw/${randomUUID()}`;
  await drover.temporal.workflow.start('liveMigration', {
    taskQueue,
    workflowId,
    args: [argument],
  });
  return drover.migration(workflowId);
}

/** Waits until the migration holds, and returns what it says. */
export async function untilHeld(migration: Migration): Promise<Hold> {
  const deadline = Date.now() + 60_000;
  for await (const { hold, steps } of migration.watch(50)) {
    if (hold) return hold;
    if (Date.now() > deadline) throw new Error(`no hold after 60 s: ${JSON.stringify(steps)}`);
  }
  throw new Error('the migration ended without a hold');
}
