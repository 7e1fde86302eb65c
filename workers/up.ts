/** `drover up`: Temporal's dev server, the embedded inventory and a worker, in one process. */
import { defined } from '../model/defined.js';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { codecFrom } from '../codec/key-file.js';
import { codecEndpoint, serveCodec } from '../codec/server.js';
import { openEmbedded, openPostgres } from '../inventory/database.js';
import { createInventory } from '../inventory/inventory.js';
import { inventorySocket } from '../inventory/open.js';
import { serveInventory } from '../inventory/remote.js';
import type { Config } from '../temporal.config.js';
import { createDeps } from './dependencies.js';
import { keepPrivate } from './private-home.js';
import { scheduleAudit } from './schedules.js';
import { findTemporal, startTemporal } from './temporal-server.js';
import { createWorker, loadBundle, setRetention } from './worker.js';

/** What runs, for the one who started it. */
export interface Up {
  readonly uiUrl: string;
  readonly address: string;
  readonly binary: string;
  /** Resolves when the worker has ended, after `stop` or because it failed. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Starts everything; `stop` ends it in the reverse order, leaving running transfers alone. */
export async function startUp(config: Config): Promise<Up> {
  keepPrivate();
  const { codec } = await codecFrom(config.temporal.codecKeysFile);
  const codecDoor = { port: config.temporal.codecPort, token: randomUUID() };
  const server = await startTemporal(
    config,
    findTemporal(config),
    codec && codecEndpoint(codecDoor),
  );
  const closers: (() => Promise<unknown>)[] = [server.stop];
  const closeAll = async () => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const database = config.databaseUrl
      ? await openPostgres(config.databaseUrl)
      : await openEmbedded(join(config.home, 'inventory'));
    closers.push(database.close);
    const inventory = createInventory(database.db);
    if (!config.databaseUrl) {
      const socket = await serveInventory(inventory, inventorySocket(config.home));
      closers.push(async () => void socket.close());
    }
    if (codec) {
      const codecServer = await serveCodec(codec, { ...codecDoor, origin: server.uiUrl });
      closers.push(async () => void codecServer.close());
    }
    const deps = createDeps(config, inventory);
    closers.push(async () => deps.dataCentre.close());
    const { worker, close } = await createWorker({
      temporal: config.temporal,
      deps,
      bundle: await loadBundle(),
      ...defined({ codec }),
    });
    closers.push(close);
    await setRetention(server.address, config.temporal);
    await scheduleAudit(config.temporal, codec);
    return {
      uiUrl: server.uiUrl,
      address: server.address,
      binary: server.binary,
      ended: worker.run().finally(closeAll),
      stop: () => worker.shutdown(),
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
