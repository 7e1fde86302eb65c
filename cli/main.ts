/** The command `drover`. */
import { Command, CommanderError } from 'commander';
import { abortCommand } from './abort.js';
import { auditCommand } from './audit.js';
import { decideCommands } from './decide.js';
import { discoverCommand } from './discover.js';
import { EXIT, exitCodeOf, toldAs, reportError } from './exit.js';
import { groupsCommand } from './groups.js';
import { holdsCommand } from './holds.js';
import { hostsCommand } from './hosts.js';
import { listCommand } from './list.js';
import { migrateCommand } from './migrate.js';
import { showCommand } from './show.js';
import { upCommand } from './up.js';
import { vmsCommand } from './vms.js';
import { watchCommand } from './watch.js';
import { workerCommand } from './worker.js';

const program = new Command('drover')
  .description(
    'Moves virtual machines between KVM/libvirt hosts, live or cold, as durable runbooks.',
  )
  .showHelpAfterError('(drover COMMAND --help explains a command)')
  .addHelpText(
    'after',
    `
The usual way:
  $ drover up                                        Temporal, its Web UI, the inventory and a worker
  $ drover hosts add kvm1 --ssh root@kvm1            register a host (and kvm2 in the same way)
  $ drover discover                                  adopt the VMs that they run
  $ drover migrate web1 --dry-run                    what would happen, and any objections
  $ drover migrate web1 --to kvm2 --reason "kernel update"
  $ drover migrate old1 --to kvm2 --cold             power it off, move it, start it; then confirm or revert

Exit codes: 0 done, 1 any other failure, ${EXIT.badInput} bad input, ${EXIT.refused} refused, ${EXIT.rolledBack} failed and rolled back, ${EXIT.held} waits for a person.`,
  )
  .exitOverride();

const commands = [
  upCommand,
  workerCommand,
  hostsCommand,
  discoverCommand,
  vmsCommand,
  groupsCommand,
  auditCommand,
];
const migrations = [
  migrateCommand,
  watchCommand,
  abortCommand,
  listCommand,
  holdsCommand,
  showCommand,
  ...decideCommands,
];
// An option belongs to the command that it follows: `hosts` has a `--json`, and so has `hosts add`.
program.enablePositionalOptions();
for (const make of [...commands, ...migrations]) program.addCommand(make());
// Sub-commands do not inherit this.
for (const command of program.commands.flatMap((sub) => [sub, ...sub.commands]))
  command.exitOverride();

// Whoever reads may stop reading, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

program.parseAsync().then(
  () => process.exit(process.exitCode ?? 0),
  (error: unknown) => {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT.badInput);
    const worded = toldAs(error);
    reportError(worded, process.argv.includes('--json'));
    process.exit(exitCodeOf(worded));
  },
);
