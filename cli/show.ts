/** `drover show`. */
import { defined } from '../model/defined.js';
import { Command } from 'commander';
import { choicesOf } from '../model/holds.js';
import { toMarkdown } from '../model/progress-table.js';
import { printChoices, transferText } from './follow.js';
import { printJson, printLine } from './output.js';
import { withDrover } from './session.js';

/** Shows one migration's steps, decisions and hold. */
export const showCommand = (): Command =>
  new Command('show')
    .description('show the steps, decisions and hold of a migration')
    .argument('<vm>', 'the VM, or a workflow id')
    .option('--run <id>', 'an older run of the same VM')
    .option('--json', 'print JSON')
    .action((vm: string, { run, json }: { run?: string; json?: boolean }) =>
      withDrover(async (drover) => {
        const progress = await (await drover.migration(vm, run)).progress();
        const { hold } = progress;
        if (json)
          return printJson({
            ...progress,
            ...defined({ choices: hold ? choicesOf(hold, progress) : undefined }),
          });
        printLine(toMarkdown(progress));
        if (progress.accepted)
          printLine(`\nAccepted at the start: ${progress.accepted.join(', ')}`);
        if (hold) {
          printLine('\nYou can answer:');
          printChoices(hold, progress);
        }
        if (progress.transfer) printLine(`\n${transferText(progress.transfer)}`);
        for (const { choice, step, by, reason, atMs } of progress.decisions) {
          printLine(
            `${new Date(atMs).toISOString()} ${choice} of ${step} by ${by}${reason ? `: ${reason}` : ''}`,
          );
        }
      }),
    );
