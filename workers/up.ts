/** `drover up`: Temporal's dev server, the embedded inventory and a worker, in one process. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { aesGcmCodec, type CodecKeys } from '../codec/aes-gcm.js';
import { makeKeyFile, readKeyFile } from '../codec/key-file.js';
import { codecEndpoint, serveCodec } from '../codec/server.js';
import { openEmbedded, openPostgres } from '../inventory/database.js';
import { createInventory } from '../inventory/inventory.js';
import { inventorySocket } from '../inventory/open.js';
import { serveInventory } from '../inventory/remote.js';
import type { Config } from '../temporal.config.js';
import { present } from '../model/defined.js';
import { userOf } from './loopback.js';
import { createDeps } from './dependencies.js';
import { keepPrivate, preparePrivate } from './private-home.js';
import { scheduleAudit } from './schedules.js';
import { startTemporal } from './temporal-server.js';
import { findTemporal } from './temporal-binary.js';
import { createWorker, loadBundle, setRetention } from './worker.js';

/** What runs, for the one who started it. */
export interface Up {
  readonly uiUrl: string;
  readonly address: string;
  readonly binary: string;
  /** drover's key, without which histories cannot be read. */
  readonly keysFile: string;
  /** Resolves when the worker has ended, after `stop` or because it failed. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Starts everything; `stop` ends it in the reverse order, leaving running transfers alone. */
export async function startUp(config: Config): Promise<Up> {
  keepPrivate();
  const codecKeys = await keysOf(config);
  const codec = aesGcmCodec(codecKeys, config.temporal.unsealed);
  const codecDoor = { port: config.temporal.codecPort, token: randomUUID() };
  const server = await startTemporal(config, findTemporal(config), codecEndpoint(codecDoor));
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
    // A person also reads what is not sealed.
    const reader = aesGcmCodec(codecKeys, 'take');
    const codecServer = await serveCodec(reader, {
      ...codecDoor,
      origin: server.uiUrl,
      admits: admitsTo(config),
    });
    closers.push(async () => void codecServer.close());
    const deps = createDeps(config, inventory);
    closers.push(async () => deps.dataCentre.close());
    const { worker, close } = await createWorker({
      temporal: config.temporal,
      deps,
      bundle: await loadBundle(),
      codec,
      unsealed: config.temporal.unsealed,
    });
    closers.push(close);
    await setRetention(server.address, config.temporal);
    await scheduleAudit(config.temporal, codec);
    return {
      uiUrl: server.uiUrl,
      address: server.address,
      binary: server.binary,
      keysFile: config.temporal.codecKeysFile ?? config.temporal.newKeysFile,
      ended: worker.run().finally(closeAll),
      stop: () => worker.shutdown(),
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** The keys that the configuration names, or drover's own, made at its first start. */
async function keysOf({ home, temporal }: Config): Promise<CodecKeys> {
  if (temporal.codecKeysFile) return readKeyFile(temporal.codecKeysFile);
  preparePrivate(home);
  makeKeyFile(temporal.newKeysFile);
  return readKeyFile(temporal.newKeysFile);
}

/** A browser of the user who runs this, also by way of an ssh tunnel of his, or of who became root to run it. */
const admitsTo =
  ({ sudoUid }: Config) =>
  (clientPort: number, serverPort: number): boolean =>
    present([process.getuid?.(), sudoUid]).some(
      (uid) => uid === userOf({ port: clientPort }, { port: serverPort }),
    );
