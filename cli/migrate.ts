/** `drover migrate`. */
import { Command } from 'commander';
import type { Migration } from '../client/migration.js';
import { chooseMove, planMove, type MoveKind } from '../client/choose-move.js';
import { config } from '../temporal.config.js';
import { follow } from './follow.js';
import { coldRequestOf, liveRequestOf, type MigrateOptions } from './migrate-request.js';
import { printJson, printLine } from './output.js';
import { numberOption } from './parse.js';
import { printPlanned, printReport } from './report.js';
import { withDrover } from './session.js';

/** Moves a VM. */
export const migrateCommand = (): Command =>
  withColdOptions(withLiveOptions(withCommonOptions(new Command('migrate'))))
    .addHelpText(
      'after',
      `
Before the switchover Ctrl-C only stops the watching: drover abort VM takes all back.
  $ drover migrate web1 --dry-run
  $ drover migrate web1 --to kvm2 --reason "kernel update on kvm1"
  $ drover migrate db1 --auto-converge --bandwidth 200 --hold
  $ drover migrate old1 --cold --revert-after 3600     then: drover confirm old1`,
    )
    .action(migrate);

const withCommonOptions = (command: Command): Command =>
  command
    .description('move a VM to another host: live if it runs, cold if it is off or you say so')
    .argument('<vm>', 'its name or UUID')
    .option('--to <host>', 'the target (default: the scheduler chooses)')
    .option('--live', 'live or not at all')
    .option('--cold', 'power it off, move it, start it there, and wait for confirm or revert')
    .option('--reason <why>', 'kept with the run, for those who ask later', 'not given')
    .option('--project <name>', 'the project that you act for')
    .option('--as <who>', 'who asks', config.user)
    .option('--dry-run', 'run the checks only; show the choice, the steps, calls and the XML')
    .option('--watch', 'follow it to its end (the default)')
    .option('--detach', 'start it, print its id, and leave')
    .option('--hold', 'if a step fails, wait for a person before anything is taken back')
    .option(
      '--accept <word>',
      'take the responsibility for an objection, by the word that it names (again and again)',
      (word: string, before: string[] | undefined) => [...(before ?? []), word],
    )
    .option(
      '--copy-anyway',
      'copy disks although the target has another file system in their place',
    )
    .option('--bandwidth <MiB/s>', 'limit for memory and disks', numberOption('--bandwidth'))
    .option('--json', 'print JSON: the report on standard output, progress on standard error');

const withLiveOptions = (command: Command): Command =>
  command
    .optionsGroup('Live migration:')
    .option('--post-copy', 'allow the switch before all memory is there; needs the link to hold')
    .option('--auto-converge', 'slow the guest down if it writes faster than the link carries')
    .option('--tls', 'encrypt memory and disks by the certificates of the hosts')
    .option('--parallel <n>', 'parallel memory streams', numberOption('--parallel'))
    .option(
      '--max-downtime <ms>',
      'longest pause, if shorter ones do not do (default: 300)',
      numberOption('--max-downtime'),
    )
    .option(
      '--timeout <s>',
      'limit of the transfer (default: scales with the guest)',
      numberOption('--timeout'),
    )
    .option(
      '--on-timeout <what>',
      'abort (the default), or pause: the guest stands still until it has arrived',
    );

const withColdOptions = (command: Command): Command =>
  command
    .optionsGroup('Cold migration:')
    .option('--warm', 'copy the disks while it still runs: off only for what it wrote meanwhile')
    .option('--discard-saved-state', 'move a guest without the memory that virsh managedsave kept')
    .option('--encrypt', 'encrypt copies by nbd; scp always is')
    .option(
      '--copy <way>',
      'nbd (one pass, flattens), scp (the file as it is), auto (keeps backing files)',
    )
    .option(
      '--shutdown-timeout <s>',
      'then it is destroyed (default: 60)',
      numberOption('--shutdown-timeout'),
    )
    .option('--confirm', 'confirm at once: nothing is kept on the source')
    .option(
      '--confirm-after <s>',
      'confirm unless somebody reverts until then',
      numberOption('--confirm-after'),
    )
    .option(
      '--revert-after <s>',
      'revert unless somebody confirms until then',
      numberOption('--revert-after'),
    );

async function migrate(vm: string, options: MigrateOptions): Promise<void> {
  const isJson = options.json ?? false;
  // Bad input is told before anything is asked.
  const requests = { live: liveRequestOf(vm, options), cold: coldRequestOf(vm, options) };
  const wanted = askedMove(options);
  await withDrover(async (drover) => {
    if (options.dryRun) {
      const planned = await planMove(drover, requests, wanted);
      return isJson ? printJson(planned) : printPlanned(planned);
    }
    const start = (move: MoveKind) =>
      move === 'cold'
        ? drover.startColdMigration(requests.cold)
        : drover.startLiveMigration(requests.live);
    if (options.detach) {
      // Nobody stays to see that the guest is off: what it is to be is found out first.
      const { move } =
        wanted === 'auto' ? await planMove(drover, requests, wanted) : { move: wanted };
      return printStarted(await start(move), isJson);
    }
    const { result } = await chooseMove(wanted, async (move) => {
      if (wanted === 'auto' && move === 'cold')
        process.stderr.write(`${vm} does not run: moving it cold\n`);
      return follow(await start(move), { isJson });
    });
    if (!result) return;
    if (isJson) printJson(result);
    else printReport(result);
  });
}

/** A warm move is a cold one. */
const askedMove = ({ cold, warm, live }: MigrateOptions): MoveKind | 'auto' =>
  cold || warm ? 'cold' : live ? 'live' : 'auto';

function printStarted({ workflowId, runId }: Migration, isJson: boolean): void {
  if (isJson) printJson({ workflowId, runId });
  else printLine(workflowId);
}
