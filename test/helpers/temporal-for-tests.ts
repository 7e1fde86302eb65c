/** One Temporal server for a whole test run, on free ports, in a folder that goes away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../lab/site.js';
import { config, type Config } from '../../temporal.config.js';
import { findTemporal, startTemporal, type TemporalServer } from '../../workers/temporal-server.js';

/** A server, its configuration, and what ends both. */
export interface TestTemporal {
  readonly server: TemporalServer;
  readonly config: Config;
  stop(): Promise<void>;
}

/** Starts a server with a home of its own. */
export async function startTestTemporal(): Promise<TestTemporal> {
  const home = mkdtempSync(join(tmpdir(), 'drover-test-'));
  const [port, uiPort] = [await freePort(), await freePort()];
  const mine: Config = {
    ...config,
    home,
    temporal: { ...config.temporal, address: `127.0.0.1:${port}`, uiPort },
  };
  const server = await startTemporal(mine, findTemporal(config));
  const stop = async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return { server, config: mine, stop };
}
