/** `drover hosts prepare`. */
import { Command } from 'commander';
import { prepareScript } from '../drivers/ssh/helper.js';
import { SshAddress } from '../model/host.js';
import { parseArgument } from './parse.js';

/** Prints what a login user other than root needs on a host. */
export const prepareCommand = (): Command =>
  new Command('prepare')
    .description(
      'print a script that lets a login user other than root run drover’s commands on a host, and nothing else',
    )
    .option('--user <name>', 'the login user', 'drover')
    .addHelpText(
      'after',
      `
Run it as root on each host, and again after an upgrade of drover, before the new workers start:
  drover hosts prepare | ssh root@kvm1 sh
  drover hosts add kvm1 --ssh drover@kvm1
It installs one file with all of drover’s commands, and sudoers lines for that file alone; read it first.`,
    )
    .action(({ user }: { user: string }) => {
      process.stdout.write(prepareScript(parseArgument(SshAddress.shape.user, user, '--user')));
    });
