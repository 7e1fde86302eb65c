/** `drover vms`. */
import { Command } from 'commander';
import { objectionText } from '../model/objection.js';
import { movesOf } from '../model/vm.js';
import { printLine, printRows, sizeText } from './output.js';
import { withInventory } from './session.js';

/** Lists the VMs of the inventory. */
export const vmsCommand = (): Command =>
  new Command('vms')
    .description('list the VMs')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { vms, claims } = await withInventory(async (inventory) => ({
        vms: await inventory.vms(),
        claims: new Map((await inventory.claims()).map(({ vm, host }) => [vm, host])),
      }));
      // What the inventory says of its host and state is from before its move.
      const movable = (vm: Row) =>
        claims.has(vm.uuid)
          ? `is moving to ${claims.get(vm.uuid) ?? ''}`
          : movesOf(vm).join(', ') || 'no';
      type Row = (typeof vms)[0];
      const columns = {
        VM: (vm: Row) => vm.name,
        HOST: (vm: Row) => vm.host,
        STATE: (vm: Row) => vm.state,
        MEMORY: (vm: Row) => sizeText(vm.memoryBytes),
        VCPUS: (vm: Row) => String(vm.vcpus),
        DISKS: (vm: Row) =>
          vm.disks
            .map(
              ({ device, source }) =>
                `${device}:${source.kind === 'network' ? source.protocol : source.kind}`,
            )
            .join(' '),
        ADDRESS: (vm: Row) => vm.ports.map(({ ip, mac }) => ip ?? mac).join(' '),
        PROJECT: (vm: Row) => vm.project,
        MOVABLE: movable,
        'TIED BY': (vm: Row) => [...new Set(vm.objections.map(({ about }) => about))].join(', '),
      };
      printRows(
        vms,
        columns,
        json ?? false,
        'No VMs yet. Run `drover discover` to read them from the hosts.',
      );
      if (!json)
        for (const vm of vms)
          for (const each of vm.objections)
            printLine(`${vm.name} (${each.moves.join(', ')}): ${objectionText(each)}`);
    });
