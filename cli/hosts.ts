/** `drover hosts` and `drover hosts add`. */
import { present } from '../model/defined.js';
import { Command } from 'commander';
import { Host } from '../model/host.js';
import { HostName } from '../model/ids.js';
import { optionsOf } from '../model/options.js';
import { fileOf, folderOf } from '../model/storage.js';
import { recordOf, type AddOptions } from './host-record.js';
import { parseSsh, resolveSsh } from './ssh-config.js';
import { addOptions, askedBy, askedWhy } from './options.js';
import { printJson, printLine, printRows, sizeText } from './output.js';
import { parseArgument } from './parse.js';
import { checkCommand, printChecks } from './hosts-check.js';
import { removeCommand } from './hosts-remove.js';
import { prepareCommand } from './prepare.js';
import { withDrover, withInventory } from './session.js';

/** Lists hosts; `add` registers one and reads what it runs. */
export const hostsCommand = (): Command =>
  new Command('hosts')
    .enablePositionalOptions()
    .description('list the hosts')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const hosts = await withInventory((inventory) => inventory.hosts());
      const columns = {
        HOST: ({ host }: (typeof hosts)[0]) => host.name,
        STATE: ({ host }: (typeof hosts)[0]) => host.state,
        SSH: ({ host }: (typeof hosts)[0]) =>
          `${host.ssh.user}@${host.ssh.address}:${host.ssh.port}`,
        MEMORY: ({ facts }: (typeof hosts)[0]) => (facts ? sizeText(facts.memoryBytes) : '?'),
        CPUS: ({ facts }: (typeof hosts)[0]) => (facts ? String(facts.cpus) : '?'),
        CPU: ({ facts }: (typeof hosts)[0]) => facts?.cpuModel ?? '?',
        SEEN: ({ seenAt }: (typeof hosts)[0]) => seenAt ?? 'never',
      };
      printRows(
        hosts,
        columns,
        json ?? false,
        'No hosts yet. Add one with: drover hosts add NAME --ssh USER@ADDRESS',
      );
    })
    .addCommand(addCommand())
    .addCommand(removeCommand())
    .addCommand(checkCommand())
    .addCommand(prepareCommand());

function addCommand(): Command {
  const command = new Command('add')
    .description(
      'register a host, or change its record (what is not said stays as it was), and read what it runs',
    )
    .argument('<name>', 'your name for it, for example kvm1');
  return addOptions(command, optionsOf(Host))
    .addOption(askedBy())
    .addOption(askedWhy())
    .option('--json', 'print JSON')
    .action(add);
}

async function add(name: string, options: AddOptions): Promise<void> {
  const hostName = parseArgument(HostName, name, 'the host’s name');
  const login = options.ssh === undefined ? undefined : await resolveSsh(parseSsh(options.ssh));
  const known = (await withInventory((inventory) => inventory.hosts())).find(
    ({ host }) => host.name === hostName,
  )?.host;
  const host = recordOf(hostName, options, login?.ssh, known);
  await withDrover(async (drover) => {
    const found = await drover.registerHost({
      host,
      requestedBy: options.as,
      reason: options.reason,
    });
    const { checks } = await drover.checkHost({ host: host.name, requestedBy: options.as });
    if (options.json) return printJson({ record: host, ...found, checks });
    printLine(
      `${host.name} is registered; it runs ${found.vms.map(({ name: vm }) => vm).join(', ') || 'no VMs'}.`,
    );
    for (const passed of found.passedOver) printLine(`  skipped: ${passed}`);
    for (const remark of [...(login?.remarks ?? []), ...found.remarks]) printLine(`  ${remark}`);
    printRecord(host);
    await printStorage(host);
    printLine('What drover needs of it:');
    printChecks(checks);
  });
}

/** What was said of it, now or before. */
function printRecord({
  state,
  reservedMemoryBytes,
  libvirtUri,
  migrationAddress,
  maps,
}: Host): void {
  const told = [
    `state ${state}`,
    `${sizeText(reservedMemoryBytes)} reserved`,
    `reached at ${libvirtUri}${migrationAddress === undefined ? '' : `, memory and disks at ${migrationAddress}`}`,
    ...present([maps ? `maps ${maps.join(', ')}` : undefined]),
  ];
  printLine(`  ${told.join('; ')}`);
}

/** Where drover may read and write files of guests there (S2, S7): nobody confirms what he has not been shown. */
async function printStorage({ name, storage }: Host): Promise<void> {
  if (storage)
    return printLine(
      `  storage: ${storage.join(', ')}, libvirt’s own folders and its pools; nothing else`,
    );
  const vms = await withInventory((inventory) => inventory.vms());
  const files = vms
    .flatMap((vm) => (vm.host === name ? vm.disks : []))
    .flatMap((disk) => fileOf(disk) ?? []);
  const folders = [...new Set(files.map(folderOf))].sort();
  printLine(
    `  storage: everywhere but in folders of the system; its guests’ disks are in ${folders.slice(0, 20).join(', ') || 'none yet'}`,
  );
  printLine('  to bound it: the same command with --storage FOLDER, again and again');
}
