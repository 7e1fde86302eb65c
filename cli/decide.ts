/** `drover retry`, `skip`, `rollback`, `forward`, `confirm` and `revert`: the answers to a hold. */
import { defined } from '../model/defined.js';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { Command } from 'commander';
import { CodedError, messageOf } from '../model/errors.js';
import { config } from '../temporal.config.js';
import { printJson, printLine } from './output.js';
import { withDrover } from './session.js';

interface Options {
  readonly as: string;
  readonly reason?: string;
  readonly json?: boolean;
}

const WORDS = {
  retry: 'call the waiting step again',
  skip: 'skip the waiting step; needs a reason, and reports what is left behind',
  rollback: 'roll everything back instead',
  forward:
    'if the hosts contradict each other: the guest belongs to the target, so end the paused copy on the source; needs a reason',
  confirm: 'finish a cold migration: remove what the source still has',
  revert: 'undo a cold migration: the guest returns to what the source still has',
} as const;

const decideCommand = (choice: keyof typeof WORDS) => (): Command =>
  new Command(choice)
    .description(WORDS[choice])
    .argument('<vm>', 'the VM, or a workflow id')
    .option('--reason <why>', 'kept with the run')
    .option('--as <who>', 'who decides', config.user)
    .option('--json', 'print JSON')
    .action((vm: string, { as, reason, json }: Options) =>
      withDrover(async (drover) => {
        const done = await (
          await drover.migration(vm)
        )
          [choice]({ by: as, ...defined({ reason }) })
          .catch((error: unknown) => {
            if (!(error instanceof WorkflowUpdateFailedError)) throw error;
            throw new CodedError('BAD_INPUT', messageOf(error.cause ?? error), {
              hint: `drover show ${vm} says what it waits for.`,
              cause: error,
            });
          });
        if (json) printJson({ vm, done });
        else printLine(done);
      }),
    );

/** The commands. */
export const decideCommands = [
  decideCommand('retry'),
  decideCommand('skip'),
  decideCommand('rollback'),
  decideCommand('forward'),
  decideCommand('confirm'),
  decideCommand('revert'),
];
