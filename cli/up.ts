/** `drover up`. */
import { Command } from 'commander';
import { config } from '../temporal.config.js';
import { startUp } from '../workers/up.js';
import { printLine } from './output.js';

/** Starts everything in one process and stays until it is asked to stop. */
export const upCommand = (): Command =>
  new Command('up')
    .description(
      'start Temporal with its Web UI, the embedded inventory and a worker, in one process',
    )
    .addHelpText(
      'after',
      `\nIts data is in ${config.home} (DROVER_HOME). Ctrl-C ends it; a running transfer goes on and is found again.`,
    )
    .action(async () => {
      // While it starts there is nothing to end in order: the server goes with this process.
      let stop = (): void => process.exit(1);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
      const up = await startUp(config);
      stop = up.stop;
      printLine(`Temporal  ${up.address} (${up.binary})`);
      printLine(`Web UI    ${up.uiUrl}`);
      printLine(`Inventory ${config.databaseUrl ? 'PostgreSQL' : config.home}`);
      printLine(`Key       ${up.keysFile} (keep a copy: docs/hosts.md)`);
      printLine('drover is up; Ctrl-C ends it.');
      await up.ended;
    });
