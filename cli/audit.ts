/** `drover audit`. */
import { Command } from 'commander';
import { askedBy } from './options.js';
import { printJson, printLine, printRows } from './output.js';
import { withDrover } from './session.js';

interface Options {
  readonly as: string;
  readonly repair?: boolean;
  readonly json?: boolean;
}

/** Looks for what ended migrations left behind. */
export const auditCommand = (): Command =>
  new Command('audit')
    .description('look for what ended migrations left on the hosts; --repair removes it')
    .option('--repair', 'remove what an ended migration left, and record VMs where they are')
    .addOption(askedBy())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Compares files, reservations, marks in domains, bindings and the inventory with what the hosts
and the open migrations say. It never touches what does not carry the id of an ended migration.
drover up runs this every hour, without repair: see the schedule drover-audit in the Web UI.`,
    )
    .action(({ as, repair = false, json = false }: Options) =>
      withDrover(async (drover) => {
        const { findings, unasked } = await drover.audit(repair, as);
        if (json) return printJson({ findings, unasked });
        printRows(
          findings,
          {
            HOST: ({ host }) => host,
            WHAT: ({ what }) => what,
            'LEFT BY': ({ workflowId, owner }) => workflowId ?? owner ?? '',
            REPAIR: ({ isRepaired, repair: way, hint }) =>
              isRepaired ? `done: ${way ?? ''}` : (hint ?? way ?? ''),
          },
          false,
          'Nothing is left behind.',
        );
        for (const host of unasked) printLine(`not checked: ${host}`);
        const open = findings.filter(({ isRepaired, repair: way }) => way && !isRepaired);
        if (open.length > 0 && !repair)
          printLine(`\n${open.length} can be repaired: drover audit --repair`);
      }),
    );
