/** `drover show`. */
import { defined } from '../model/defined.js';
import { Command } from 'commander';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Drover } from '../client/drover.js';
import { MigrationError } from '../client/failure.js';
import { CodedError } from '../model/errors.js';
import { choicesOf } from '../model/holds.js';
import { harmless } from '../model/harmless.js';
import { objectionText } from '../model/objection.js';
import type { Watched } from '../client/migration.js';
import { toMarkdown } from '../model/progress-table.js';
import { movesOf, type Vm } from '../model/vm.js';
import { transferText } from './follow.js';
import { printChoices } from './hold.js';
import { hasUnseenImages, movableText, wholeAnswer } from './movable.js';
import { shellWord } from '../model/shell-word.js';
import { printJson, printLine } from './output.js';
import { withDrover, withInventory } from './session.js';

/** Shows a VM's account, and its migration's steps, decisions and hold. */
export const showCommand = (): Command =>
  new Command('show')
    .description('show the account of a VM, and the steps, decisions and hold of its migration')
    .argument('<vm>', 'the VM, or a workflow id')
    .option('--run <id>', 'an older run of the same VM')
    .option('--json', 'print JSON')
    .action(async (vm: string, { run, json }: { run?: string; json?: boolean }) => {
      const guest = await knownVm(vm);
      const { progress, kept, remarks, why } = await withDrover((drover) =>
        runOf(drover, vm, run, guest),
      );
      const error = why && { code: why.code, message: why.message, hint: why.hint };
      if (json)
        return printJson({ ...asJson(guest, progress), ...defined({ kept, remarks, error }) });
      if (guest) printGuest(guest, progress);
      if (progress) printProgress(progress);
      if (why) printLine(`${why.outcome}: ${why.message} (${why.code})\n  ${why.hint}`);
      for (const each of kept ?? [])
        printLine(`kept on ${progress?.source ?? 'the source'}: ${each}`);
      for (const each of remarks ?? []) printLine(each);
    });

/** What the inventory knows; nothing for a workflow id. Temporal alone answers for a migration, so what cannot be asked is told. */
async function knownVm(vm: string): Promise<Vm | undefined> {
  try {
    return await withInventory((inventory) => inventory.vm(vm));
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if (error.code !== 'VM_UNKNOWN')
      process.stderr.write(`${harmless(`no account of ${vm}: ${error.message}`)}\n`);
    return undefined;
  }
}

/** What stays of a move that is over: on its source, or of one that was taken back. */
interface Left {
  readonly kept?: readonly string[] | undefined;
  readonly remarks?: readonly string[] | undefined;
}

/** A VM that is known need not have moved yet; of a move that has ended, what stays on its source is told as well, or why it failed. */
async function runOf(
  drover: Drover,
  vm: string,
  run: string | undefined,
  guest: Vm | undefined,
): Promise<{ progress?: Watched; why?: MigrationError } & Left> {
  try {
    const migration = await drover.migration(vm, run);
    const [progress, end] = [await migration.progress(), await migration.end()];
    if (end instanceof MigrationError) return { progress, why: end };
    const remarks = end?.outcome === 'reverted' ? end.remarks : undefined;
    return { progress, kept: end?.kept, remarks };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError && guest && run === undefined) return {};
    throw error;
  }
}

const asJson = (guest: Vm | undefined, progress: Watched | undefined) => ({
  ...progress,
  ...defined({
    choices: progress?.hold ? choicesOf(progress.hold, progress) : undefined,
    guest: guest && {
      ...guest,
      movable: movesOf(guest),
      areImagesSeen: !hasUnseenImages(guest),
    },
  }),
});

function printGuest(guest: Vm, progress: Watched | undefined): void {
  const { name, host, state, objections, parts } = guest;
  const isMoving = progress?.hold !== undefined;
  printLine(
    isMoving
      ? `${name} was ${state} on ${host} before the move below`
      : `${name} is ${state} on ${host}; it can move: ${movableText(guest)}`,
  );
  for (const each of objections)
    printLine(`  not ${each.moves.join(', ')}: ${objectionText(each)}`);
  if (hasUnseenImages(guest)) printLine(`  ${wholeAnswer(shellWord(name))}`);
  for (const { part, live, cold } of parts)
    printLine(`  ${part}: ${live === cold ? live : `live ${live || '–'}; cold ${cold || '–'}`}`);
  printLine('');
}

function printProgress(progress: Watched): void {
  const { hold } = progress;
  printLine(toMarkdown(progress));
  if (progress.accepted) printLine(`\nAccepted at the start: ${progress.accepted.join(', ')}`);
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
}
