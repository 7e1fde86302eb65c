/** `drover abort`. */
import { Command } from 'commander';
import { MigrationError } from '../client/drover.js';
import { askedBy } from './options.js';
import { printJson, printLine } from './output.js';
import { withDrover } from './session.js';

/** Aborts a migration: before the switchover everything is rolled back. */
export const abortCommand = (): Command =>
  new Command('abort')
    .description(
      'abort a migration: before the switchover everything is rolled back, after it the move is finished',
    )
    .argument('<vm>', 'the VM, or a workflow id')
    .addOption(askedBy())
    .option('--json', 'print JSON')
    .action((vm: string, { as, json = false }: { as: string; json?: boolean }) =>
      withDrover(async (drover) => {
        const migration = await drover.migration(vm);
        await migration.abort(as);
        const outcome = await migration.result().then(
          (report) => `too late: ${report.vm} runs on ${report.target}`,
          (error: unknown) => {
            if (error instanceof MigrationError && error.outcome === 'cancelled')
              return 'aborted: the guest stays on the source, the target is clean';
            throw error;
          },
        );
        if (json) printJson({ vm, outcome });
        else printLine(outcome);
      }),
    );
