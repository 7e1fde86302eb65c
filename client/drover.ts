/** drover for other services: start, watch, abort and steer migrations. Pulls in no worker code. */
import { defined, present } from '../model/defined.js';
import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { codecsOf, codecsOfLists } from '../codec/codecs.js';
import type { Audited } from '../model/audit.js';
import { CodedError, messageOf } from '../model/errors.js';
import { inWords } from '../model/in-words.js';
import { ColdMigrationRequest, LiveMigrationRequest, type Request } from '../model/migration.js';
import type { z } from 'zod';
import type { Access } from './access.js';
import { toMigrationError } from './failure.js';
import { summaryOf, type MigrationSummary } from './list.js';
import { migrationOf, type Migration, type MigrationStarter } from './migration.js';

export type { Audited, Finding } from '../model/audit.js';
export type { Answer, Migration, MigrationStarter, Watched } from './migration.js';
export { MigrationError } from './failure.js';
export type { MigrationSummary } from './list.js';
export { chooseMove, planMove, type ChosenMove, type PlannedMove } from './choose-move.js';
export type {
  ColdMigrationInput,
  LiveMigrationInput,
  MigrationReport,
  Progress,
  TransferProgress,
} from '../model/migration.js';

/** Where drover's Temporal is; `accessFrom` reads the secret part from files. */
export interface DroverOptions extends Access {
  /** @default 127.0.0.1:7233, the server that `drover up` starts */
  readonly address?: string;
  readonly namespace?: string;
  readonly taskQueue?: string;
}

/** A connection to drover. */
export interface Drover extends MigrationStarter {
  /** The newest migration of a VM (by the name or UUID it was asked for with), or one by its workflow id. */
  migration(vmOrWorkflowId: string, runId?: string): Migration;
  /** @param query more of Temporal's list filter, for example `TargetHost = "h2"` */
  list(query?: string): Promise<MigrationSummary[]>;
  /** Reads what a host runs and adopts its VMs. */
  discover(host: string): Promise<{
    host: string;
    /** `tiedBy`: what keeps it from moving, in words. */
    vms: { name: string; state: string; tiedBy: string[] }[];
    passedOver: string[];
  }>;
  /** Puts security groups in force on a host; guests whose ports could not be bound are passed over, with the reason. */
  enforceGroups(host: string): Promise<{ host: string; ports: number; passedOver: string[] }>;
  /** Looks for what ended migrations have left on the hosts, and removes it if asked to. */
  audit(isRepairing?: boolean): Promise<Audited>;
  /** The Temporal client below, for what is not covered here. */
  readonly temporal: Client;
  close(): Promise<void>;
}

/** Connects. @throws CodedError HOST_UNREACHABLE if no Temporal answers */
export async function connectDrover(options: DroverOptions = {}): Promise<Drover> {
  const {
    address = '127.0.0.1:7233',
    namespace = 'default',
    taskQueue = 'drover',
    codec,
    tls,
  } = options;
  const connection = await connect(address, tls);
  const clientWith = (payloadCodecs: PayloadCodec[]) =>
    new Client({ connection, namespace, dataConverter: { payloadCodecs } });
  const client = clientWith(codecsOf(codec));
  const lister = clientWith(codecsOfLists);
  const upkeep = async <T>(workflow: string, host: string, input: unknown = host): Promise<T> => {
    try {
      return (await client.workflow.execute(workflow, {
        taskQueue,
        workflowId: `${workflow}/${host}/${randomUUID()}`,
        args: [input],
      })) as T;
    } catch (error) {
      throw toMigrationError(error);
    }
  };
  const start = async (move: 'live' | 'cold', request: Request): Promise<Migration> => {
    const { vm, mode, requestedBy, reason } = request;
    // The disks of a VM that is being moved are not where they were: nothing true could be said of it.
    if (mode === 'plan' && (await isMoving(client, vm))) throw migrationOpen(vm);
    const workflowId = mode === 'plan' ? `plan/${vm}/${randomUUID()}` : workflowIdOf(vm);
    const handle = await client.workflow
      .start(`${move}Migration`, {
        taskQueue,
        workflowId,
        args: [request],
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: `${mode === 'plan' ? 'Plan of a ' : ''}${move} migration of ${vm}: ${reason}`,
        memo: { requestedBy, reason },
      })
      .catch((error: unknown) => {
        throw isOpen(error) ? migrationOpen(vm) : error;
      });
    return migrationOf(handle, handle.firstExecutionRunId, codec);
  };
  return {
    temporal: client,
    close: () => connection.close(),
    startLiveMigration: async (input) => start('live', parseRequest(LiveMigrationRequest, input)),
    startColdMigration: async (input) => start('cold', parseRequest(ColdMigrationRequest, input)),
    migration: (id, runId) =>
      migrationOf(
        client.workflow.getHandle(id.includes('/') ? id : workflowIdOf(id), runId),
        runId,
        codec,
      ),
    async list(query) {
      const types = 'WorkflowType IN ("liveMigration", "coldMigration")';
      const filter = [types, ...present([query ? `(${query})` : undefined])].join(' AND ');
      const found: MigrationSummary[] = [];
      for await (const run of lister.workflow.list({ query: filter })) found.push(summaryOf(run));
      return found;
    },
    audit: (isRepairing = false) => upkeep('auditFleet', 'all', { isRepairing }),
    discover: (host) => upkeep('discoverHost', host),
    enforceGroups: (host) => upkeep('enforceSecurityGroups', host),
  };
}

/** The workflow id of a VM's migration: as long as one is open, no other starts under it. */
export const workflowIdOf = (vm: string): string => `migration/${vm}`;

function parseRequest<R extends Request>(schema: z.ZodType<R>, input: unknown): R {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const wrong = inWords(schema, input, { names: 'paths' });
  throw new CodedError('BAD_INPUT', `bad request: ${wrong}`, {
    hint: 'docs/client.md lists what a request takes.',
  });
}

async function connect(address: string, tls: Access['tls']): Promise<Connection> {
  try {
    return await Connection.connect({ address, connectTimeout: '5s', ...defined({ tls }) });
  } catch (cause) {
    throw new CodedError(
      'HOST_UNREACHABLE',
      `no Temporal server answers at ${address}: ${messageOf(cause)}`,
      {
        hint: 'Start one with: drover up — or set TEMPORAL_ADDRESS.',
        cause,
      },
    );
  }
}

const isOpen = (error: unknown): boolean => error instanceof WorkflowExecutionAlreadyStartedError;
const isMoving = (client: Client, vm: string): Promise<boolean> =>
  client.workflow
    .getHandle(workflowIdOf(vm))
    .describe()
    .then(
      ({ status }) => status.name === 'RUNNING',
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      },
    );

const migrationOpen = (vm: string): CodedError =>
  new CodedError('MIGRATION_OPEN', `${vm} is being migrated already`, {
    hint: `Follow it with: drover watch ${vm}`,
  });
