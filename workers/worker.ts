/** A Temporal worker for drover's workflows and activities. */
import { defined } from '../model/defined.js';
import { msToTs } from '@temporalio/common/lib/time';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import {
  bundleWorkflowCode,
  NativeConnection,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { temporal as proto } from '@temporalio/proto';
import type { Access } from '../client/access.js';
import { createActivities } from '../activities/index.js';
import type { Unsealed } from '../codec/aes-gcm.js';
import { dataConverterOf } from '../codec/codecs.js';
import type { Activity } from '../activities/kit/activities.js';
import type { Deps } from '../activities/kit/implement.js';
import { CodedError } from '../model/errors.js';
import type { Config } from '../temporal.config.js';
import { BUNDLE_OPTIONS } from './bundle.js';
import { ticketInterceptors } from './tickets.js';
import { pinnedTo } from './versioning.js';
import { SEARCH_ATTRIBUTES } from '../workflows/engine/search-attributes.js';

/** Everything a worker needs. */
export interface WorkerOptions extends Access {
  readonly temporal: Pick<Config['temporal'], 'address' | 'namespace' | 'taskQueue'>;
  readonly deps: Deps;
  readonly bundle: WorkflowBundleOption;
  /** Runs that begin on this build end on it (docs/upgrades.md); without it, any worker takes any run. */
  readonly buildId?: string;
  /** Whether runs of a release before 0.3 are taken. @default refuse */
  readonly unsealed?: Unsealed;
  /** Other activities than the real ones: for the lab's faults. */
  readonly activities?: Record<string, Activity>;
}

/** A worker and the connection that ends with it. */
export interface RunningWorker {
  readonly worker: Worker;
  readonly connection: NativeConnection;
  close(): Promise<void>;
}

/**
 * V8 as it comes lets the heap of the workflows' isolate grow for its first hundred runs; a worker that waits
 * for hosts most of its time is better off small (docs/performance.md).
 */
setFlagsFromString('--optimize-for-size');

/** Connects, registers the search attributes, and makes the worker; the caller runs it. */
export async function createWorker({
  temporal,
  deps,
  bundle,
  buildId,
  codec,
  tls,
  unsealed = 'refuse',
  activities = createActivities(deps),
}: WorkerOptions): Promise<RunningWorker> {
  const connection = await connect(temporal.address, tls);
  await registerSearchAttributes(connection, temporal.namespace);
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: temporal.taskQueue,
    workflowBundle: bundle,
    activities,
    dataConverter: dataConverterOf(codec),
    interceptors: { activity: [ticketInterceptors(deps.inventory, unsealed)] },
    ...defined({ workerDeploymentOptions: buildId ? pinnedTo(buildId) : undefined }),
    // A cancellation reaches an activity with the answer to its heartbeat.
    maxHeartbeatThrottleInterval: 500,
    maxConcurrentActivityTaskExecutions: 200,
    // A transfer is left alone and found again by the next worker.
    shutdownGraceTime: '3s',
    shutdownForceTime: '8s',
  });
  return { worker, connection, close: () => connection.close() };
}

/** The workflow bundle: the one that the build made, else one made now (three seconds). */
export async function loadBundle(): Promise<WorkflowBundleOption> {
  const built = join(__dirname, '..', 'workflow-bundle.js');
  if (existsSync(built)) return { codePath: built };
  return bundleWorkflowCode(BUNDLE_OPTIONS);
}

async function connect(address: string, tls?: Access['tls']): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ address, ...defined({ tls }) });
  } catch (cause) {
    throw new CodedError('HOST_UNREACHABLE', `no Temporal server answers at ${address}`, {
      hint: 'Run `drover up`, or set TEMPORAL_ADDRESS.',
      cause,
    });
  }
}

/** Registers what the workflows set; attributes that are there already are fine. */
export async function registerSearchAttributes(
  connection: NativeConnection,
  namespace: string,
): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.keys(SEARCH_ATTRIBUTES).filter((name) => !(name in customAttributes));
  if (missing.length === 0) return;
  const keyword = proto.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
  });
}

/** How long the embedded server keeps ended runs; of a server that others run, its operator decides. */
export async function setRetention(
  address: string,
  { namespace, retentionSeconds }: Config['temporal'],
): Promise<void> {
  const connection = await connect(address);
  try {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(retentionSeconds * 1000) },
    });
  } finally {
    await connection.close();
  }
}
