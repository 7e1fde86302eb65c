/** `drover list`. */
import { present } from '../model/defined.js';
import { Command } from 'commander';
import type { MigrationSummary } from '../client/drover.js';
import { printRows } from './output.js';
import { withDrover } from './session.js';

/** Lists migrations, open ones first. */
export const listCommand = (): Command =>
  new Command('list')
    .description('list migrations')
    .option('--open', 'only open ones')
    .option('--query <filter>', 'Temporal’s list filter, for example: TargetHost = "kvm2"')
    .option('--json', 'print JSON')
    .action(({ open, query, json }: { open?: boolean; query?: string; json?: boolean }) =>
      withDrover(async (drover) => {
        const filters = present([
          open ? 'ExecutionStatus = "Running"' : undefined,
          query ? `(${query})` : undefined,
        ]);
        const runs = await drover.list(filters.join(' AND ') || undefined);
        const columns = {
          VM: (run: MigrationSummary) => run.vm,
          SOURCE: (run: MigrationSummary) => run.source,
          TARGET: (run: MigrationSummary) => run.target,
          STATE: (run: MigrationSummary) => run.state,
          STEP: (run: MigrationSummary) => run.step,
          BY: (run: MigrationSummary) => run.requestedBy,
          STARTED: (run: MigrationSummary) => run.startedAt,
          RUN: (run: MigrationSummary) => run.runId,
        };
        printRows(runs, columns, json ?? false, 'No migrations.');
      }),
    );
