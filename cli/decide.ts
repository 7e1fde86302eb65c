/** `drover retry`, `skip`, `rollback`, `forward`, `confirm` and `revert`: the answers to a hold. */
import { defined } from '../model/defined.js';
import { Command } from 'commander';
import { MigrationError } from '../client/failure.js';
import { follow } from './follow.js';
import { decidedBy, decidedWhy } from './options.js';
import { printJson, printLine } from './output.js';
import { printReport } from './report.js';
import { rolledBackText } from './rolled-back.js';
import { withDrover } from './session.js';

interface Options {
  readonly as: string;
  readonly reason?: string;
  readonly json?: boolean;
  readonly detach?: boolean;
}

const WORDS = {
  retry: 'call the waiting step again',
  skip: 'skip the waiting step; needs a reason, and reports what is left behind',
  rollback: 'roll everything back instead',
  forward:
    'the guest belongs to the target: if the hosts contradict each other, end the paused copy on the source; if its definition was changed there meanwhile, finish without the change; needs a reason',
  confirm: 'finish a cold migration: remove what the source still has',
  revert: 'undo a cold migration: the guest returns to what the source still has',
} as const;

const decideCommand = (choice: keyof typeof WORDS) => (): Command =>
  new Command(choice)
    .description(WORDS[choice])
    .argument('<vm>', 'the VM, or a workflow id')
    .addOption(decidedWhy())
    .addOption(decidedBy())
    .option('--detach', 'answer, and do not wait for what comes of it')
    .option(
      '--json',
      'print JSON: the answer and the report, progress on standard error; with --detach the answer alone',
    )
    .action((vm: string, options: Options) =>
      withDrover(async (drover) => {
        const migration = await drover.migration(vm);
        const since = await migration.progress();
        const given = defined({ by: options.as, reason: options.reason });
        const done = await migration[choice](given);
        if (options.json && options.detach) return printJson({ vm, done });
        if (!options.json) printLine(done);
        if (options.detach) return;
        const isJson = options.json ?? false;
        const report = await follow(migration, { isJson, since }).catch(async (error: unknown) => {
          // What was asked for has come.
          if (choice !== 'rollback' || !isRolledBack(error)) throw error;
          if (isJson) printJson({ vm, done, outcome: error.outcome, message: error.message });
          else {
            const how = { why: error.message, by: options.as };
            printLine(`\n${await rolledBackText(drover, vm, since, how)}`);
          }
        });
        if (report && isJson) printJson({ done, ...report });
        else if (report) printReport(report);
      }),
    );

const isRolledBack = (error: unknown): error is MigrationError =>
  error instanceof MigrationError &&
  error.outcome === 'rolled-back' &&
  error.leftovers.length === 0;

/** The commands. */
export const decideCommands = [
  decideCommand('retry'),
  decideCommand('skip'),
  decideCommand('rollback'),
  decideCommand('forward'),
  decideCommand('confirm'),
  decideCommand('revert'),
];
