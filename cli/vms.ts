/** `drover vms`. */
import { Command } from 'commander';
import { defined } from '../model/defined.js';
import { objectionText } from '../model/objection.js';
import { movesOf, type Vm } from '../model/vm.js';
import { hasUnseenImages, movableText, wholeAnswer } from './movable.js';
import { printJson, printLine, printRows, sizeText } from './output.js';
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
        claims.has(vm.uuid) ? `is moving to ${claims.get(vm.uuid) ?? ''}` : movableText(vm);
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
      const isUnseen = vms.some((vm) => !claims.has(vm.uuid) && hasUnseenImages(vm));
      // For programs, what the table says in words.
      if (json) return printJson(vms.map((vm) => withMovable(vm, claims.get(vm.uuid))));
      printRows(
        vms,
        columns,
        false,
        'No VMs yet. Run `drover discover` to read them from the hosts.',
      );
      for (const vm of vms)
        for (const each of vm.objections)
          printLine(`${vm.name} (${each.moves.join(', ')}): ${objectionText(each)}`);
      if (isUnseen) printLine(wholeAnswer());
    });

const withMovable = (vm: Vm, movingTo: string | undefined) => ({
  ...vm,
  movable: movingTo === undefined ? movesOf(vm) : [],
  areImagesSeen: !hasUnseenImages(vm),
  ...defined({ movingTo }),
});
