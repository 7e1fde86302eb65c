/** A worker's memory after 5 and after 50 migrations, on the fake data centre and a real Temporal server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { connectDrover } from '../client/drover.js';
import { buildWorld } from '../drivers/fake/build.js';
import { fakeDataCentre } from '../drivers/fake/data-centre.js';
import { inMemoryInventory } from '../inventory/in-memory.js';
import { freePort } from '../lab/site.js';
import { DEFAULT_POLICY } from '../model/policy.js';
import { config } from '../temporal.config.js';
import { startTemporal } from '../workers/temporal-server.js';
import { findTemporal } from '../workers/temporal-binary.js';
import { createWorker, loadBundle } from '../workers/worker.js';

const MIB = 1024 * 1024;

async function rssMib(): Promise<number> {
  // Twice, with a turn of the loop between: finalisers free what the first pass found.
  for (let pass = 0; pass < 2; pass++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return process.memoryUsage().rss / MIB;
}

async function main(isJson: boolean): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const home = mkdtempSync(join(tmpdir(), 'drover-bench-'));
  const temporal = {
    ...config.temporal,
    address: `127.0.0.1:${await freePort()}`,
    uiPort: await freePort(),
  };
  const server = await startTemporal({ ...config, home, temporal }, findTemporal(config));
  const world = buildWorld([
    { number: 1, name: 'vm1', host: 'h1', disks: ['shared', 'volume', 'local'] },
  ]);
  const inventory = inMemoryInventory();
  for (const { record } of world.hosts.values()) await inventory.putHost(record);
  await inventory.putGroups([{ name: 'web', ingress: [] }]);
  const deps = {
    inventory,
    dataCentre: fakeDataCentre(world),
    policy: () => Promise.resolve(DEFAULT_POLICY),
  };
  const { worker, close } = await createWorker({ temporal, deps, bundle: await loadBundle() });
  const running = worker.run();
  const drover = await connectDrover(temporal);
  for (const name of world.hosts.keys()) await drover.discover(name);
  const figures: Record<number, number> = {};
  for (let moves = 1; moves <= 50; moves++) {
    const migration = await drover.startLiveMigration({
      vm: 'vm1',
      target: moves % 2 ? 'h2' : 'h1',
      requestedBy: 'bench',
      reason: 'bench',
    });
    await migration.result();
    if (moves === 5 || moves === 50) figures[moves] = await rssMib();
  }
  worker.shutdown();
  await running;
  await drover.close();
  await close();
  await server.stop();
  rmSync(home, { recursive: true });
  const growth = (figures[50] ?? NaN) / (figures[5] ?? NaN);
  if (isJson)
    return console.log(
      JSON.stringify({ rssMibAfter5: figures[5], rssMibAfter50: figures[50], growth }),
    );
  console.log(
    `| RSS of the worker | MiB |\n|---|---|\n| after 5 migrations | ${figures[5]?.toFixed(0)} |\n| after 50 | ${figures[50]?.toFixed(0)} |\n| growth | ${((growth - 1) * 100).toFixed(1)} % |`,
  );
}

main(process.argv.includes('--json')).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
