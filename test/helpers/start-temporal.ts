/** Jest's global set-up of the server tests: one Temporal server for the whole run, in a folder that goes away. */
// Jest resolves no ".js" to ".ts" here, so the set-up uses the build.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../dist/lab/site.js';
import { config } from '../../dist/temporal.config.js';
import { findTemporal } from '../../dist/workers/temporal-binary.js';
import { startTemporal } from '../../dist/workers/temporal-server.js';

declare global {
  var stopTemporal: (() => Promise<void>) | undefined;
}

/** Starts Temporal and tells the tests where it is. */
export default async function start(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'drover-test-'));
  const address = `127.0.0.1:${await freePort()}`;
  const mine = {
    ...config,
    home,
    temporal: { ...config.temporal, address, uiPort: await freePort() },
  };
  const server = await startTemporal(mine, findTemporal(config));
  globalThis.stopTemporal = async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
  process.env['DROVER_TEST_TEMPORAL'] = address;
}
