/** One guest has one lock, its UUID, and is found by whatever name it is called. */
import type { Client } from '@temporalio/client';
import {
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';

/** The workflow id of a VM's migration, by its UUID: as long as one is open, no other starts under it. */
export const workflowIdOf = (uuid: string): string => `migration/${uuid}`;

/** True if the lock is taken. */
export const isOpen = (error: unknown): boolean =>
  error instanceof WorkflowExecutionAlreadyStartedError;

/** True if a run under that lock is open. */
export const isMoving = async (client: Client, workflowId: string): Promise<boolean> =>
  (await newestUnder(client, workflowId))?.isOpen === true;

/** The newest run under an id. */
interface Newest {
  readonly workflowId: string;
  readonly isOpen: boolean;
  readonly startTime: Date;
}

const newestUnder = (client: Client, workflowId: string): Promise<Newest | undefined> =>
  client.workflow
    .getHandle(workflowId)
    .describe()
    .then(
      ({ status, startTime }) => ({ workflowId, isOpen: status.name === 'RUNNING', startTime }),
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      },
    );

function isInvalidQuery(error: unknown): boolean {
  if (!(error instanceof ServiceError) || !isGrpcServiceError(error.cause)) return false;
  const code: number = error.cause.code;
  return code === INVALID_ARGUMENT;
}

/** gRPC's status code. */
const INVALID_ARGUMENT = 3;

/** Temporal's index lags a moment behind a start. */
const INDEX_TRIES = 5;

const INDEX_WAIT_MS = 300;

/**
 * The id of the newest migration of a VM, an open one before all others: by its UUID as it is, by its name as the index has it. A
 * request under a name that drover did not know is kept under that name, and is none that could be answered.
 */
export async function findMigration(client: Client, lister: Client, vm: string): Promise<string> {
  const asked = await newestUnder(client, workflowIdOf(vm));
  if (asked?.isOpen) return asked.workflowId;
  const query = `WorkflowType IN ("liveMigration", "coldMigration") AND WorkflowId STARTS_WITH "migration/" AND VmName = ${JSON.stringify(vm)}`;
  for (let tries = 0; tries < INDEX_TRIES; tries++) {
    const named = await newestOf(lister, query);
    if (named && (named.isOpen || !asked || named.startTime > asked.startTime))
      return named.workflowId;
    if (asked || named === null) break;
    await new Promise((resolve) => setTimeout(resolve, INDEX_WAIT_MS));
  }
  return asked?.workflowId ?? workflowIdOf(vm);
}

/** An open run, else the newest one; `null` from a server that no worker has prepared: it has no such attribute, and no migration either. */
async function newestOf(lister: Client, query: string): Promise<Newest | undefined | null> {
  let newest: Newest | undefined;
  try {
    for await (const { workflowId, status, startTime } of lister.workflow.list({ query })) {
      const run = { workflowId, isOpen: status.name === 'RUNNING', startTime };
      if (run.isOpen) return run;
      if (!newest || run.startTime > newest.startTime) newest = run;
    }
    return newest;
  } catch (error) {
    if (isInvalidQuery(error)) return null;
    throw error;
  }
}
