/** drover in pieces that can be killed one by one: Temporal, the inventory and a worker. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Drover } from '../../client/drover.js';
import { makeKeyFile } from '../../codec/key-file.js';
import { openEmbedded } from '../../inventory/database.js';
import { createInventory, type Inventory } from '../../inventory/inventory.js';
import { inventorySocket } from '../../inventory/open.js';
import { serveInventory } from '../../inventory/remote.js';
import { config } from '../../temporal.config.js';
import { startTemporal, type TemporalServer } from '../../workers/temporal-server.js';
import { findTemporal } from '../../workers/temporal-binary.js';
import { LAB_DIR } from '../folder.js';
import { connectToSite, freePort, labEnvironment, registerLab } from '../site.js';
import type { Arm, FromWorker, ToWorker } from './worker.js';

/** The pieces. */
export interface FaultSite {
  /** What a command needs in its environment to reach it. */
  readonly env: Record<string, string>;
  readonly drover: Drover;
  readonly inventory: Inventory;
  /** The next call of a step meets this; resolves when a `halt` was reached. */
  arm(arm: Arm): { readonly reached: Promise<void> };
  go(): void;
  killWorker(): Promise<void>;
  startWorker(): Promise<void>;
  /** As a crash would, and started again on the same database. */
  restartTemporal(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts them, with the lab registered. */
export async function startFaultSite(): Promise<FaultSite> {
  const home = mkdtempSync(join(tmpdir(), 'drover-faults-'));
  const env = labEnvironment(home, await freePort(), await freePort());
  const temporal = {
    ...config.temporal,
    address: env.TEMPORAL_ADDRESS,
    uiPort: Number(env.DROVER_UI_PORT),
  };
  const mine = { ...config, home, temporal };
  const serve = () => startTemporal(mine, findTemporal(config));
  let serving: Promise<TemporalServer> = serve();
  await serving;
  const closers: (() => Promise<unknown>)[] = [
    async () => rmSync(home, { recursive: true, force: true }),
    // Also one that is about to be started again.
    async () => (await serving).stop(),
  ];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const database = await openEmbedded(join(home, 'inventory'));
    closers.push(database.close);
    const inventory = createInventory(database.db);
    const socket = await serveInventory(inventory, inventorySocket(home));
    closers.push(async () => socket.close());
    const log = openSync(join(tmpdir(), `drover-faults-${basename(LAB_DIR)}.log`), 'w');
    makeKeyFile(join(home, 'codec-keys'));
    const worker = workerProcess({ ...process.env, ...env }, log);
    closers.push(worker.kill);
    await worker.start();
    await registerLab(env);
    const drover = await connectToSite(env);
    closers.push(drover.close);
    const restartTemporal = async () => {
      await (await serving).stop('SIGKILL');
      serving = serve();
      await serving;
    };
    return {
      env,
      drover,
      inventory,
      stop,
      restartTemporal,
      arm: worker.arm,
      go: () => worker.say({ go: true }),
      killWorker: worker.kill,
      startWorker: worker.start,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function workerProcess(env: NodeJS.ProcessEnv, log: number) {
  let child: ChildProcess | undefined;
  let reach: () => void = () => undefined;
  const say = (message: ToWorker) => void child?.send(message);
  return {
    say,
    arm(arm: Arm) {
      const reached = new Promise<void>((resolve) => (reach = resolve));
      say({ arm });
      return { reached };
    },
    async start() {
      const started = fork(join(__dirname, 'worker.js'), {
        env,
        stdio: ['ignore', log, log, 'ipc'],
      });
      child = started;
      await new Promise<void>((resolve, reject) => {
        started.on('message', (message: FromWorker) =>
          message.is === 'ready' ? resolve() : reach(),
        );
        started.once('exit', (code) =>
          reject(new Error(`the worker ended with code ${String(code)}`)),
        );
      });
    },
    async kill() {
      const ended =
        child && child.exitCode === null && child.signalCode === null
          ? once(child, 'exit')
          : undefined;
      child?.kill('SIGKILL');
      await ended;
    },
  };
}
