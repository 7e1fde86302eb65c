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

/** The id of the newest migration of a VM: by its UUID as it is, by its name as the index has it. */
export async function findMigration(client: Client, lister: Client, vm: string): Promise<string> {
  const asked = workflowIdOf(vm);
  if ((await statusOf(client, asked)) !== undefined) return asked;
  const query = `WorkflowType IN ("liveMigration", "coldMigration") AND WorkflowId STARTS_WITH "migration/" AND VmName = ${JSON.stringify(vm)}`;
  for (let tries = 0; tries < INDEX_TRIES; tries++) {
    try {
      for await (const { workflowId } of lister.workflow.list({ query })) return workflowId;
    } catch (error) {
      // A server that no worker has prepared has no such attribute, and no migration either.
      if (isInvalidQuery(error)) return asked;
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, INDEX_WAIT_MS));
  }
  return asked;
}
