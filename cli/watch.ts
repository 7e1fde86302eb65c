/** `drover watch`. */
import { Command } from 'commander';
import { follow } from './follow.js';
import { printJson } from './output.js';
import { printReport } from './report.js';
import { withDrover } from './session.js';

/** Follows an open migration. */
export const watchCommand = (): Command =>
  new Command('watch')
    .description('follow a migration to its end')
    .argument('<vm>', 'the VM, or a workflow id')
    .option('--json', 'print JSON: the report on standard output, progress on standard error')
    .action((vm: string, { json = false }: { json?: boolean }) =>
      withDrover(async (drover) => {
        const report = await follow(await drover.migration(vm), { isJson: json });
        if (!report) return;
        if (json) printJson(report);
        else printReport(report);
      }),
    );
