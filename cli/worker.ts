/** `drover worker`. */
import { Command } from 'commander';
import { openInventory } from '../inventory/open.js';
import { config } from '../temporal.config.js';
import { createDeps } from '../workers/dependencies.js';
import { createWorker, loadBundle } from '../workers/worker.js';
import { printLine } from './output.js';

/** Runs a worker beside a Temporal server that exists already. */
export const workerCommand = (): Command =>
  new Command('worker')
    .description(
      'run a worker for a Temporal server that exists already (TEMPORAL_ADDRESS, DATABASE_URL)',
    )
    .action(async () => {
      const { inventory, close: closeInventory } = await openInventory(config);
      const deps = createDeps(config, inventory);
      const { worker, close } = await createWorker({
        temporal: config.temporal,
        deps,
        bundle: await loadBundle(),
      });
      printLine(`drover's worker polls ${config.temporal.taskQueue} at ${config.temporal.address}`);
      for (const signal of ['SIGINT', 'SIGTERM'] as const)
        process.once(signal, () => worker.shutdown());
      try {
        await worker.run();
      } finally {
        deps.dataCentre.close();
        await close();
        await closeInventory();
      }
    });
