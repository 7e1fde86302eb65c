/** `drover hosts check`. */
import { Command } from 'commander';
import { defined } from '../model/defined.js';
import type { HostCheck } from '../model/host-check.js';
import { HostName } from '../model/ids.js';
import { EXIT } from './exit.js';
import { askedBy } from './options.js';
import { printJson, printLine } from './output.js';
import { parseArgument } from './parse.js';
import { withDrover } from './session.js';

interface CheckOptions {
  readonly to?: string;
  readonly as: string;
  readonly json?: boolean;
}

/** Says what a host lacks, or a pair of hosts, and how to mend it. */
export const checkCommand = (): Command =>
  new Command('check')
    .description(
      'look at everything that drover needs of a host, or between two; nothing is changed',
    )
    .argument('<host>', 'a host that drover knows')
    .option('--to <host>', 'also what a move from the first to this one needs')
    .addOption(askedBy())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Each line is ok, some (only certain moves need it, and the line says which) or LACKS, with what mends it.
Exit code 0 if nothing is lacking, 1 otherwise.
  drover hosts check kvm1
  drover hosts check kvm1 --to kvm2`,
    )
    .action(async (name: string, { to, as, json }: CheckOptions) => {
      const host = parseArgument(HostName, name, 'HOST');
      const other = to === undefined ? undefined : parseArgument(HostName, to, '--to HOST');
      const found = await withDrover((drover) =>
        drover.checkHost({ host, requestedBy: as, ...defined({ to: other }) }),
      );
      if (json) printJson(found.checks);
      else printChecks(found.checks);
      if (found.checks.some(({ verdict }) => verdict === 'lacks')) process.exitCode = EXIT.failed;
    });

const SHOWN: Readonly<Record<HostCheck['verdict'], string>> = {
  ok: 'ok   ',
  some: 'some ',
  lacks: 'LACKS',
};

/** A line each, in the order of looking, and a second one with what mends it. */
export function printChecks(checks: readonly HostCheck[]): void {
  for (const { where, about, verdict, found, mend } of checks) {
    printLine(`  ${SHOWN[verdict]} ${where}, ${about}: ${found}`);
    if (mend !== undefined) printLine(`        ${mend}`);
  }
}
