/** `drover migrate`. */
import { Command } from 'commander';
import type { Migration } from '../client/migration.js';
import { chooseMove, lookAt, planMove, type MoveKind } from '../client/choose-move.js';
import {
  ColdOptions,
  LiveMigrationRequest,
  NO_REASON,
  TransferOptions,
  WindowFlags,
} from '../model/migration.js';
import { optionsOf, type Option } from '../model/options.js';
import { config } from '../temporal.config.js';
import { follow } from './follow.js';
import { coldRequestOf, liveRequestOf, type MigrateFlags } from './migrate-request.js';
import { addOptions } from './options.js';
import { printJson, printLine } from './output.js';
import { printPlanned, printReport } from './report.js';
import { withDrover } from './session.js';

const LIVE = optionsOf(TransferOptions);
const COLD = optionsOf(ColdOptions);
/** What both kinds of move have is told once. */
const isCommon = ({ flag }: Option): boolean =>
  [LIVE, COLD].every((options) => options.some((option) => option.flag === flag));

/** Moves a VM. */
export const migrateCommand = (): Command =>
  withColdOptions(withLiveOptions(withCommonOptions(new Command('migrate'))))
    .addHelpText(
      'after',
      `
Before the switchover Ctrl-C only stops the watching: drover abort VM takes all back.
  $ drover migrate web1 --dry-run
  $ drover migrate web1 --to kvm2 --reason "kernel update on kvm1"
  $ drover migrate old1 --cold --accept other-file --reason "the same kernel, compared by hand"
  $ drover migrate db1 --auto-converge --bandwidth 200 --hold
  $ drover migrate old1 --cold --revert-after 3600     then: drover confirm old1`,
    )
    .action(migrate);

function withCommonOptions(command: Command): Command {
  command
    .description('move a VM to another host: live if it runs, cold if it is off or you say so')
    .argument('<vm>', 'its name or UUID')
    .option('--live', 'live or not at all')
    .option('--cold', 'power it off, move it, start it there, and wait for confirm or revert');
  addOptions(command, optionsOf(LiveMigrationRequest), {
    requestedBy: config.user,
    reason: NO_REASON,
  });
  command.option(
    '--copy-anyway',
    'copy disks although the target has another file system in their place',
  );
  return addOptions(command, LIVE.filter(isCommon))
    .option('--hold', 'if a step fails, wait for a person before anything is taken back')
    .option('--dry-run', 'run the checks only; show the choice, the steps, calls and the XML')
    .option('--watch', 'follow it to its end (the default)')
    .option('--detach', 'start it, print its id, and leave')
    .option('--json', 'print JSON: the report on standard output, progress on standard error');
}

const withLiveOptions = (command: Command): Command =>
  addOptions(
    command.optionsGroup('Live migration:'),
    LIVE.filter((option) => !isCommon(option)),
  );

function withColdOptions(command: Command): Command {
  addOptions(
    command.optionsGroup('Cold migration:'),
    COLD.filter((option) => !isCommon(option)),
  ).option('--discard-saved-state', 'move a guest without the memory that virsh managedsave kept');
  return addOptions(command, optionsOf(WindowFlags));
}

async function migrate(vm: string, flags: MigrateFlags): Promise<void> {
  const isJson = flags.json ?? false;
  // Bad input is told before anything is asked.
  const requests = { live: liveRequestOf(vm, flags), cold: coldRequestOf(vm, flags) };
  const wanted = askedMove(flags);
  await withDrover(async (drover) => {
    if (flags.dryRun) {
      const planned = await planMove(drover, requests, wanted);
      return isJson ? printJson(planned) : printPlanned(planned);
    }
    const start = (move: MoveKind) =>
      move === 'cold'
        ? drover.startColdMigration(requests.cold)
        : drover.startLiveMigration(requests.live);
    if (flags.detach) {
      // Nobody stays to see that the guest is off: what it is to be is found out first.
      const { move } =
        wanted === 'auto' ? await planMove(drover, requests, wanted) : { move: wanted };
      return printStarted(await start(move), isJson);
    }
    const made = async (move: MoveKind) => {
      if (wanted === 'auto' && move === 'cold')
        process.stderr.write(`${vm} does not run: moving it cold\n`);
      return follow(await start(move), { isJson });
    };
    const { result } = await chooseMove(wanted, made, (move) => lookAt(drover, requests, move));
    if (!result) return;
    if (isJson) printJson(result);
    else printReport(result);
  });
}

/** A warm move is a cold one. */
const askedMove = ({ cold, warm, live }: MigrateFlags): MoveKind | 'auto' =>
  cold || warm ? 'cold' : live ? 'live' : 'auto';

function printStarted({ workflowId, runId }: Migration, isJson: boolean): void {
  if (isJson) printJson({ workflowId, runId });
  else printLine(workflowId);
}
