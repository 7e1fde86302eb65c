/** Worker Versioning: a migration stays with the build that began it. */
import type { NativeConnection, WorkerDeploymentOptions } from '@temporalio/worker';
import { until } from '../activities/kit/until.js';
import { pause } from '../drivers/deadline.js';
import { CodedError } from '../model/errors.js';

/** Temporal's name for all of drover's builds. */
export const DEPLOYMENT = 'drover';
const POLLS = { everyMs: 200, forMs: 30_000 };

/** Pinned: a run is never handed to another build, whatever that build's code would do with it. */
export const pinnedTo = (buildId: string): WorkerDeploymentOptions => ({
  version: { deploymentName: DEPLOYMENT, buildId },
  useWorkerVersioning: true,
  defaultVersioningBehavior: 'PINNED',
});

/** New migrations begin on this build from now on. Its worker polls already. @throws BAD_CONFIG if the server has not seen it in time */
export async function makeCurrent(
  { workflowService }: NativeConnection,
  namespace: string,
  buildId: string,
): Promise<void> {
  let cause: unknown;
  // The server knows a build from its worker's first poll on.
  const isKnown = await until({ pause, nowMs: Date.now }, POLLS, async () => {
    try {
      await workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName: DEPLOYMENT,
        buildId,
        ignoreMissingTaskQueues: true,
      });
      return true;
    } catch (error) {
      cause = error;
      return undefined;
    }
  });
  if (isKnown) return;
  throw new CodedError('BAD_CONFIG', `Temporal does not know the build ${buildId}`, {
    hint: 'Worker Versioning needs a Temporal server of 1.28 or newer.',
    cause,
  });
}
