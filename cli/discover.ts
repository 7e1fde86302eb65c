/** `drover discover`. */
import { Command } from 'commander';
import { HostName } from '../model/ids.js';
import { askedBy } from './options.js';
import { printJson, printLine } from './output.js';
import { parseArgument } from './parse.js';
import { withDrover, withInventory } from './session.js';

/** Adopts the VMs that hosts already run. */
export const discoverCommand = (): Command =>
  new Command('discover')
    .description('read what the hosts run and adopt their VMs as they are')
    .argument('[host...]', 'only these (default: all)')
    .addOption(askedBy())
    .option('--json', 'print JSON')
    .action(async (names: string[], { as, json }: { as: string; json?: boolean }) => {
      const wanted = names.map((name) => parseArgument(HostName, name, 'HOST'));
      const hosts =
        wanted.length > 0
          ? wanted
          : (await withInventory((i) => i.hosts())).map(({ host }) => host.name);
      const found = await withDrover((drover) =>
        Promise.all(hosts.map((host) => drover.discover(host, as))),
      );
      if (json) return printJson(found);
      for (const { host, vms, passedOver, remarks } of found) {
        printLine(
          `${host}: ${vms.map(({ name, state }) => `${name} (${state})`).join(', ') || 'no VMs'}`,
        );
        for (const { name, tiedBy } of vms)
          for (const why of tiedBy) printLine(`  ${name}: ${why}`);
        for (const passed of passedOver) printLine(`  skipped: ${passed}`);
        for (const remark of remarks) printLine(`  ${remark}`);
      }
    });
