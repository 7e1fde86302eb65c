/** A worker with a key on the tests' Temporal server, with its operator, and with somebody beside them who has no key. */
import { connectDrover, type Drover } from '../../client/drover.js';
import type { Deps } from '../../activities/kit/implement.js';
import type { PayloadCodec } from '@temporalio/common';
import { createWorker } from '../../workers/worker.js';
import { BUNDLE } from './workflow-site.js';

export const address = process.env['DROVER_TEST_TEMPORAL'] ?? '';

/** What of it a test works with. */
export interface Keyed {
  readonly drover: Drover;
  readonly keyless: Drover;
  close(): Promise<void>;
}

/** Starts the worker, and connects both. */
export async function startKeyed(
  deps: Deps,
  codec: PayloadCodec,
  taskQueue: string,
): Promise<Keyed> {
  const temporal = { address, namespace: 'default', taskQueue };
  const running = await createWorker({ temporal, deps, bundle: BUNDLE, codec });
  const ended = running.worker.run();
  const drover = await connectDrover({ address, taskQueue, codec });
  const keyless = await connectDrover({ address, taskQueue });
  return {
    drover,
    keyless,
    async close() {
      running.worker.shutdown();
      await ended;
      await Promise.all([drover.close(), keyless.close(), running.close()]);
    },
  };
}
