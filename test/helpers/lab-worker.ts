/** A worker of the test's own on the lab's Temporal: the real activities on real hosts, with steps that a test can break. */
import { NativeConnection, Worker } from '@temporalio/worker';
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { connectDrover } from '../../client/drover.js';
import { dataConverterOf } from '../../codec/codecs.js';
import { connectDataCentre } from '../../drivers/hosts/connect.js';
import { LAB_DIR } from '../../lab/folder.js';
import { ticketInterceptors } from '../../workers/tickets.js';
import { DEFAULT_POLICY } from '../../model/policy.js';
import { hookedActivities, type Controls } from './hooks.js';
import type { Lab } from './lab.js';
import { BUNDLE } from './workflow-site.js';

/** The lab, whose migrations pass this worker. */
export interface LabWorker extends Lab, Controls {
  close(): Promise<void>;
}

/** Starts the worker. */
export async function startLabWorker({ inventory }: Lab): Promise<LabWorker> {
  const address = process.env['DROVER_TEST_LAB_TEMPORAL'] ?? '';
  const taskQueue = `test-${randomUUID()}`;
  const read = (name: string) => readFile(join(LAB_DIR, 'ssh', name));
  const dataCentre = connectDataCentre({
    lookup: async (name) => (await inventory.host(name)).host,
    identity: async () => ({
      privateKey: await read('id_ed25519'),
      knownHosts: (await read('known_hosts')).toString(),
    }),
  });
  const deps = { inventory, dataCentre, policy: () => Promise.resolve(DEFAULT_POLICY) };
  const { activities, controls } = hookedActivities(() => deps);
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: BUNDLE,
    activities,
    dataConverter: dataConverterOf(undefined),
    interceptors: { activity: [ticketInterceptors(inventory, 'refuse')] },
    maxHeartbeatThrottleInterval: 200,
  });
  const running = worker.run();
  const drover = await connectDrover({ address, taskQueue });
  return {
    ...controls,
    inventory,
    drover,
    async close() {
      worker.shutdown();
      await running;
      await drover.close();
      await connection.close();
      dataCentre.close();
    },
  };
}
