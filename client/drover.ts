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
import {
  ApplyGroupsRequest,
  RegisterHostRequest,
  type ApplyGroupsInput,
  type RegisterHostInput,
} from '../model/operations.js';
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

/** What was found on a host. */
export interface Discovered {
  readonly host: string;
  /** `tiedBy`: what keeps it from moving, in words. */
  readonly vms: readonly { name: string; state: string; tiedBy: string[] }[];
  readonly passedOver: readonly string[];
}

/** A connection to drover. */
export interface Drover extends MigrationStarter {
  /** The newest migration of a VM by its name or UUID, or one by its workflow id. */
  migration(vmOrWorkflowId: string, runId?: string): Promise<Migration>;
  /** @param query more of Temporal's list filter, for example `TargetHost = "h2"` */
  list(query?: string): Promise<MigrationSummary[]>;
  /** Makes a host known, or changes its record, and adopts its VMs. @throws MigrationError NOT_AUTHORISED; BAD_INPUT */
  registerHost(request: RegisterHostInput): Promise<Discovered>;
  /** Takes security groups and applies them on every host. @throws MigrationError NOT_AUTHORISED; BAD_INPUT */
  applyGroups(request: ApplyGroupsInput): Promise<{
    hosts: { host: string; ports: number; passedOver: string[] }[];
    failed: { host: string; why: string }[];
  }>;
  /** Reads what a host runs and adopts its VMs. */
  discover(host: string): Promise<Discovered>;
  /** Applies the security groups on a host; guests whose ports could not be bound are skipped and reported with the reason. */
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
  /** One guest has one lock: its UUID. A VM that is not known is refused by the run itself, which keeps that. */
  const lockOf = async (vm: string): Promise<string> => {
    try {
      const { uuid } = await upkeep<{ uuid: string }>('resolveVm', vm);
      return workflowIdOf(uuid);
    } catch (error) {
      if (error instanceof CodedError && error.code === 'VM_UNKNOWN') return workflowIdOf(vm);
      throw error;
    }
  };
  const start = async (move: 'live' | 'cold', request: Request): Promise<Migration> => {
    const { vm, mode, requestedBy, reason } = request;
    const lock = await lockOf(vm);
    // The disks of a VM that is being moved are not where they were: nothing true could be said of it.
    if (mode === 'plan' && (await isMoving(client, lock))) throw migrationOpen(vm);
    const workflowId = mode === 'plan' ? `plan/${vm}/${randomUUID()}` : lock;
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
  const operate = async <T>(type: string, workflowId: string, request: unknown): Promise<T> => {
    try {
      return (await client.workflow.execute(type, {
        taskQueue,
        workflowId,
        args: [request],
        workflowIdConflictPolicy: 'FAIL',
      })) as T;
    } catch (error) {
      if (isOpen(error))
        throw new CodedError('MIGRATION_OPEN', `${workflowId} is running already`, {
          hint: 'Wait for it: it is in the Web UI under that id.',
        });
      throw toMigrationError(error);
    }
  };
  return {
    temporal: client,
    close: () => connection.close(),
    startLiveMigration: async (input) => start('live', parseRequest(LiveMigrationRequest, input)),
    startColdMigration: async (input) => start('cold', parseRequest(ColdMigrationRequest, input)),
    migration: async (id, runId) => {
      const workflowId = id.includes('/') ? id : await findMigration(client, lister, id);
      return migrationOf(client.workflow.getHandle(workflowId, runId), runId, codec);
    },
    registerHost: async (input) => {
      const request = parseRequest(RegisterHostRequest, input);
      return operate('registerHost', `hosts/${request.host.name}`, request);
    },
    applyGroups: async (input) =>
      operate('applyGroups', 'groups', parseRequest(ApplyGroupsRequest, input)),
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

/** The workflow id of a VM's migration, by its UUID: as long as one is open, no other starts under it. */
export const workflowIdOf = (uuid: string): string => `migration/${uuid}`;

function parseRequest<R>(schema: z.ZodType<R>, input: unknown): R {
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
        hint: 'Run `drover up`, or set TEMPORAL_ADDRESS.',
        cause,
      },
    );
  }
}

const isOpen = (error: unknown): boolean => error instanceof WorkflowExecutionAlreadyStartedError;
const isMoving = async (client: Client, workflowId: string): Promise<boolean> =>
  (await statusOf(client, workflowId)) === 'RUNNING';

/** The status of the newest run under an id, if there is one. */
const statusOf = (client: Client, workflowId: string): Promise<string | undefined> =>
  client.workflow
    .getHandle(workflowId)
    .describe()
    .then(
      ({ status }) => status.name,
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      },
    );

/** Temporal's index lags a moment behind a start. */
const INDEX_TRIES = 5;
const INDEX_WAIT_MS = 300;

/** The id of the newest migration of a VM: by its UUID as it is, by its name as the index has it. */
async function findMigration(client: Client, lister: Client, vm: string): Promise<string> {
  const asked = workflowIdOf(vm);
  if ((await statusOf(client, asked)) !== undefined) return asked;
  const query = `WorkflowType IN ("liveMigration", "coldMigration") AND WorkflowId STARTS_WITH "migration/" AND VmName = ${JSON.stringify(vm)}`;
  for (let tries = 0; tries < INDEX_TRIES; tries++) {
    for await (const { workflowId } of lister.workflow.list({ query })) return workflowId;
    await new Promise((resolve) => setTimeout(resolve, INDEX_WAIT_MS));
  }
  return asked;
}

const migrationOpen = (vm: string): CodedError =>
  new CodedError('MIGRATION_OPEN', `${vm} is being migrated already`, {
    hint: `Follow it with: drover watch ${vm}`,
  });
