/** `drover groups` and `drover groups apply`. */
import { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { CodedError, messageOf } from '../model/errors.js';
import { SecurityGroup } from '../model/network.js';
import { askedBy, askedWhy } from './options.js';
import { printJson, printLine, printRows } from './output.js';
import { parseArgument } from './parse.js';
import { withDrover, withInventory } from './session.js';

/** Lists security groups; `apply` reads them from a file and applies them. */
export const groupsCommand = (): Command =>
  new Command('groups')
    .enablePositionalOptions()
    .description('list the security groups')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const groups = await withInventory((inventory) => inventory.groups());
      const columns = {
        GROUP: ({ name }: SecurityGroup) => name,
        'LETS IN': ({ ingress }: SecurityGroup) =>
          ingress
            .map(({ protocol, ports, from }) => `${protocol} ${ports ?? ''} from ${from}`)
            .join(', '),
      };
      printRows(
        groups,
        columns,
        json ?? false,
        'No security groups yet. Add some with: drover groups apply FILE',
      );
    })
    .addCommand(
      new Command('apply')
        .description('read groups from a YAML file and apply them on every host')
        .argument('<file>', 'a list of {name, ingress: [{protocol, ports, from}]}')
        .addOption(askedBy())
        .addOption(askedWhy())
        .option('--json', 'print JSON')
        .action(apply),
    );

interface ApplyOptions {
  readonly as: string;
  readonly reason: string;
  readonly json?: boolean;
}

async function apply(file: string, { as, reason, json }: ApplyOptions): Promise<void> {
  const groups = parseArgument(z.array(SecurityGroup), await read(file), file);
  const { hosts, failed } = await withDrover((drover) =>
    drover.applyGroups({ groups, requestedBy: as, reason }),
  );
  if (failed.length > 0) process.exitCode = 1;
  if (json) return printJson({ groups: groups.length, hosts, failed });
  printLine(
    `${groups.length} groups; applied to ${hosts.map(({ host, ports }) => `${ports} ports on ${host}`).join(', ') || 'no host yet'}`,
  );
  for (const { host, passedOver } of hosts)
    for (const passed of passedOver) printLine(`  not applied on ${host}: ${passed}`);
  for (const { host, why } of failed) printLine(`  not applied on ${host}: ${why}`);
}

async function read(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CodedError(
      'BAD_INPUT',
      `${file} cannot be read: ${messageOf(cause).split('\n')[0] ?? ''}`,
      { cause },
    );
  }
}
