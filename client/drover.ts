/** drover for other services: start, watch, abort and steer migrations. Pulls in no worker code. */
import { present } from '../model/defined.js';
import { Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { codecsOfLists, dataConverterOf } from '../codec/codecs.js';
import type { Audited } from '../model/audit.js';
import { CodedError } from '../model/errors.js';
import type { HostChecks } from '../model/host-check.js';
import {
  ApplyGroupsRequest,
  CheckHostRequest,
  RegisterHostRequest,
  RemoveHostRequest,
  type ApplyGroupsInput,
  type CheckHostInput,
  type RegisterHostInput,
  type RemoveHostInput,
} from '../model/operations.js';
import { RUNBOOK } from '../model/seal.js';
import { inWords } from '../model/in-words.js';
import { shellWord } from '../model/shell-word.js';
import {
  ColdMigrationRequest,
  lacksReason,
  LiveMigrationRequest,
  type Request,
} from '../model/migration.js';
import type { z } from 'zod';
import type { Access } from './access.js';
import { refuseOthers, toMigrationError } from './failure.js';
import { summaryOf, type MigrationSummary } from './list.js';
import { migrationOf, type Migration, type MigrationStarter } from './migration.js';
import { workflowIdOf, isOpen, isMoving, findMigration } from './lock.js';
import { connect } from './connect.js';

export type { Audited, Finding } from '../model/audit.js';
export type { Answer, Migration, MigrationStarter, Watched } from './migration.js';
export { MigrationError } from './failure.js';
export type { MigrationSummary } from './list.js';
export type { Judged } from './judged.js';
export { chooseMove, lookAt, planMove, type ChosenMove, type PlannedMove } from './choose-move.js';
export { workflowIdOf } from './lock.js';
export type { ColdMigrationInput, LiveMigrationInput } from '../model/migration.js';
export type { HostCheck, HostChecks } from '../model/host-check.js';
export type { CheckHostInput } from '../model/operations.js';
export type { Progress, TransferProgress } from '../model/progress.js';
export type { MigrationReport } from '../model/report.js';

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
  /** Changes that were taken over, and rules that are not in force. */
  readonly remarks: readonly string[];
}

/** A connection to drover. */
export interface Drover extends MigrationStarter {
  /** The newest migration of a VM by its name or UUID, or one by its workflow id. */
  migration(vmOrWorkflowId: string, runId?: string): Promise<Migration>;
  /** @param query more of Temporal's list filter, for example `TargetHost = "h2"` */
  list(query?: string): Promise<MigrationSummary[]>;
  /** Makes a host known, or changes its record, and adopts its VMs. @throws MigrationError NOT_AUTHORISED; BAD_INPUT */
  registerHost(request: RegisterHostInput): Promise<Discovered>;
  /** Forgets a host and what is recorded of it; nothing on it is touched. @throws MigrationError NOT_AUTHORISED, MIGRATION_OPEN */
  removeHost(request: RemoveHostInput): Promise<{ vms: string[] }>;
  /** What a host lacks for moves, or a pair of hosts. @throws MigrationError NOT_AUTHORISED, HOST_UNKNOWN; BAD_INPUT */
  checkHost(request: CheckHostInput): Promise<HostChecks>;
  /** Takes security groups and applies them on every host. @throws MigrationError NOT_AUTHORISED; BAD_INPUT */
  applyGroups(request: ApplyGroupsInput): Promise<{
    hosts: { host: string; ports: number; passedOver: string[] }[];
    failed: { host: string; why: string }[];
  }>;
  /** Reads what a host runs and adopts its VMs. @throws MigrationError NOT_AUTHORISED */
  discover(host: string, requestedBy?: string): Promise<Discovered>;
  /** Applies the security groups on a host; guests whose ports could not be bound are skipped and reported with the reason. @throws MigrationError NOT_AUTHORISED */
  enforceGroups(
    host: string,
    requestedBy?: string,
  ): Promise<{ host: string; ports: number; passedOver: string[] }>;
  /** Looks for what ended migrations have left on the hosts, and removes it if asked to. @throws MigrationError NOT_AUTHORISED for the latter */
  audit(isRepairing?: boolean, requestedBy?: string): Promise<Audited>;
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
  const dataConverter = dataConverterOf(codec);
  const client = new Client({ connection, namespace, dataConverter });
  const lister = new Client({
    connection,
    namespace,
    dataConverter: { payloadCodecs: codecsOfLists },
  });
  const resultOf = async <T>(run: WorkflowHandleWithFirstExecutionRunId): Promise<T> => {
    const result: unknown = await run.result();
    refuseOthers(result, run.firstExecutionRunId, codec);
    return result as T;
  };
  const upkeep = async <T>(workflow: string, host: string, input: unknown = host): Promise<T> => {
    try {
      return await resultOf<T>(
        await client.workflow.start(workflow, {
          taskQueue,
          workflowId: `${workflow}/${host}/${randomUUID()}`,
          args: [madeFor(workflow, input)],
        }),
      );
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
    if (lacksReason(request)) throw badRequest('reason: accept needs one, and it is kept with it');
    const lock = await lockOf(vm);
    // The disks of a VM that is being moved are not where they were: nothing true could be said of it.
    if (mode === 'plan' && (await isMoving(client, lock))) throw migrationOpen(vm);
    const workflowId = mode === 'plan' ? `plan/${vm}/${randomUUID()}` : lock;
    const handle = await client.workflow
      .start(`${move}Migration`, {
        taskQueue,
        workflowId,
        args: [madeFor(`${move}Migration`, request)],
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
      return await resultOf<T>(
        await client.workflow.start(type, {
          taskQueue,
          workflowId,
          args: [madeFor(type, request)],
          workflowIdConflictPolicy: 'FAIL',
        }),
      );
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
    removeHost: async (input) => {
      const request = parseRequest(RemoveHostRequest, input);
      return operate('removeHost', `hosts/${request.host}`, request);
    },
    checkHost: async (input) => {
      const request = parseRequest(CheckHostRequest, input);
      return operate('checkHost', `check/${request.host}/${randomUUID()}`, request);
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
    audit: (isRepairing = false, requestedBy = '') =>
      upkeep('auditFleet', 'all', { isRepairing, requestedBy }),
    discover: (host, requestedBy = '') => upkeep('discoverHost', host, { host, requestedBy }),
    enforceGroups: (host, requestedBy = '') =>
      upkeep('enforceSecurityGroups', host, { host, requestedBy }),
  };
}

/** Whoever reaches Temporal and gets hold of it begins nothing else with it. */
const madeFor = (runbook: string, request: unknown): unknown =>
  typeof request === 'object' ? { ...request, [RUNBOOK]: runbook } : request;

function parseRequest<R>(schema: z.ZodType<R>, input: unknown): R {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw badRequest(inWords(schema, input, { names: 'paths' }));
}

const badRequest = (wrong: string): CodedError =>
  new CodedError('BAD_INPUT', `bad request: ${wrong}`, {
    hint: 'docs/client.md lists what a request takes.',
  });

const migrationOpen = (vm: string): CodedError =>
  new CodedError('MIGRATION_OPEN', `${vm} is being migrated already`, {
    hint: `Follow it with: drover watch ${shellWord(vm)}`,
  });
