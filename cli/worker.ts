/** `drover worker`. */
import { defined } from '../model/defined.js';
import { Command } from 'commander';
import { accessFrom } from '../client/access.js';
import { openInventory } from '../inventory/open.js';
import { CodedError } from '../model/errors.js';
import { config } from '../temporal.config.js';
import { createDeps } from '../workers/dependencies.js';
import { keepPrivate } from '../workers/private-home.js';
import { createWorker, loadBundle } from '../workers/worker.js';
import { makeCurrent } from '../workers/versioning.js';
import { printLine } from './output.js';

/** Runs a worker for an existing Temporal server. */
export const workerCommand = (): Command =>
  new Command('worker')
    .description('run a worker for an existing Temporal server (TEMPORAL_ADDRESS, DATABASE_URL)')
    .option(
      '--build <id>',
      'migrations that start on this build also end on it; for example a release',
    )
    .option('--current', 'new migrations start on this build from now on; needs --build')
    .addHelpText('after', '\nHow to change builds while migrations run: docs/upgrades.md.')
    .action(async ({ build, current = false }: { build?: string; current?: boolean }) => {
      if (current && !build) {
        throw new CodedError('BAD_INPUT', '--current needs --build', {
          hint: 'For example: drover worker --build 1.4.0 --current',
        });
      }
      keepPrivate();
      const access = await accessFrom(config.temporal);
      const { unsealed } = config.temporal;
      if (!access.codec && unsealed === 'refuse') throw noKey();
      const { inventory, close: closeInventory } = await openInventory(config);
      // Steps that find no inventory would fail moves that are open.
      await inventory.hosts();
      const deps = createDeps(config, inventory);
      const { worker, connection, close } = await createWorker({
        temporal: config.temporal,
        deps,
        bundle: await loadBundle(),
        ...access,
        unsealed,
        ...defined({ buildId: build }),
      });
      printLine(`drover's worker polls ${config.temporal.taskQueue} at ${config.temporal.address}`);
      for (const signal of ['SIGINT', 'SIGTERM'] as const)
        process.once(signal, () => worker.shutdown());
      try {
        const running = worker.run();
        if (build && current) await makeCurrent(connection, config.temporal.namespace, build);
        await running;
      } finally {
        deps.dataCentre.close();
        await close();
        await closeInventory();
      }
    });

const noKey = (): CodedError =>
  new CodedError('BAD_CONFIG', 'this worker has no key, so that it could read no request', {
    hint: 'Set DROVER_CODEC_KEYS to the key file that the other workers and the clients use (docs/hosts.md says how to make one).',
  });
