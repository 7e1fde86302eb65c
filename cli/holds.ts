/** `drover holds`. */
import { Command } from 'commander';
import type { Drover, MigrationSummary } from '../client/drover.js';
import { messageOf } from '../model/errors.js';
import { harmless } from '../model/harmless.js';
import type { Hold } from '../model/progress.js';
import { printRows } from './output.js';
import { withDrover } from './session.js';

type Held = MigrationSummary & { readonly hold: Hold };

/** Lists what waits for a person, with the possible answers. */
export const holdsCommand = (): Command =>
  new Command('holds')
    .description('list migrations that wait for a person: failed steps, and cold ones to confirm')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
drover show VM has the whole story; a hold never times out by itself.
  $ drover retry web1
  $ drover confirm old1 --reason "checked"`,
    )
    .action(({ json }: { json?: boolean }) =>
      withDrover(async (drover) => {
        const columns = {
          VM: (run: Held) => run.vm,
          'WAITS AT': (run: Held) => run.hold.step,
          CODE: (run: Held) => run.hold.code,
          CHOICES: (run: Held) => run.hold.choices.join(' '),
          WHY: (run: Held) => run.hold.message,
        };
        printRows(await heldBy(drover), columns, json ?? false, 'Nothing waits for you.');
      }),
    );

/** Every open run is asked: the index lags behind. */
async function heldBy(drover: Drover): Promise<Held[]> {
  const runs = await drover.list('ExecutionStatus = "Running"');
  const asked = runs.map(async (run) => {
    try {
      const { hold } = await (await drover.migration(run.workflowId, run.runId)).progress();
      return hold ? [{ ...run, hold }] : [];
    } catch (error) {
      // Whoever reaches Temporal can start what answers to nobody.
      process.stderr.write(
        `${harmless(`${run.workflowId} does not say whether it waits: ${messageOf(error)}`)}\n`,
      );
      return [];
    }
  });
  return (await Promise.all(asked)).flat();
}
