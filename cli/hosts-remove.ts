/** `drover hosts remove`. */
import { Command } from 'commander';
import { HostName } from '../model/ids.js';
import { askedBy, askedWhy } from './options.js';
import { printJson, printLine } from './output.js';
import { parseArgument } from './parse.js';
import { withDrover, withInventory } from './session.js';

interface RemoveOptions {
  readonly as: string;
  readonly reason: string;
  readonly json?: boolean;
}

/** Takes a host out of the inventory. */
export const removeCommand = (): Command =>
  new Command('remove')
    .description('forget a host and what is recorded of its VMs; nothing on the host is touched')
    .argument('<host>', 'a host that drover knows')
    .addOption(askedBy())
    .addOption(askedWhy())
    .option('--json', 'print JSON')
    .action((name: string, { as, reason, json }: RemoveOptions) =>
      withDrover(async (drover) => {
        const host = parseArgument(HostName, name, 'HOST');
        // The run takes one that is gone for done; a name that was mistyped is told here.
        await withInventory((inventory) => inventory.host(host));
        const { vms } = await drover.removeHost({ host, requestedBy: as, reason });
        if (json) return printJson({ host, vms });
        printLine(`${host} is forgotten, with the records of ${vms.join(', ') || 'no VMs'}.`);
      }),
    );
