/** Writes docs/runbooks/ from the step declarations; `--check` fails if what stands there is older. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { traitsOf } from '../model/errors.js';
import { coldMigrationRunbook } from '../workflows/cold-migration.js';
import { liveMigrationRunbook } from '../workflows/live-migration.js';
import { stepsOf, type Runbook } from '../workflows/engine/runbook.js';
import { undoOf, type AnyStep } from '../workflows/kit/step.js';
import { TIMINGS } from '../workflows/kit/timing.js';

const FOLDER = join(__dirname, '..', '..', 'docs', 'runbooks');
const RUNBOOKS: Readonly<Record<string, Omit<Runbook, 'request'>>> = {
  'live-migration.md': liveMigrationRunbook,
  'cold-migration.md': coldMigrationRunbook,
};

function render(runbook: Omit<Runbook, 'request'>): string {
  const { name, title } = runbook;
  const steps = stepsOf(runbook);
  const rows = steps.map(
    (step, index) =>
      `| ${index + 1} | [\`${step.name}\`](#${anchor(step)}) | ${step.doc} | ${facts(step)} | ${undoText(step)} |`,
  );
  return [
    `# ${title}`,
    '',
    `Generated from \`workflows/steps/\` by \`npm run docs\`; do not edit. The workflow type is \`${name}\`.`,
    'Facts are the ids of [the documented procedure](../procedure.md).',
    '',
    '| # | step | what it does | facts | taken back by |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...steps.flatMap(section),
  ].join('\n');
}

function section(step: AnyStep): string[] {
  const { why, attempts } = TIMINGS[step.timing];
  return [
    `## ${step.name}`,
    '',
    step.doc,
    '',
    `- Taken back by: ${undoText(step)}`,
    `- Timing: \`${step.timing}\`, at most ${attempts} attempts. ${why}`,
    `- Fails with: ${step.errors.map((code) => `\`${code}\`${traitsOf(code).isRefusal ? ' (refused)' : ''}`).join(', ') || 'nothing of its own'}`,
    '',
  ];
}

function undoText(step: AnyStep): string {
  const undo = undoOf(step);
  if (undo) return `\`${undo.name}\`: ${undo.doc}`;
  if (step.undo === 'read-only') return 'nothing to take back: it only reads';
  if ('pivot' in step.undo) return `**the point of no return.** ${step.undo.pivot}`;
  return `nothing. ${'none' in step.undo ? step.undo.none : ''}`;
}

const facts = (step: AnyStep): string => step.facts.join(' ') || '–';
const anchor = (step: AnyStep): string => step.name.toLowerCase().replaceAll('.', '');

async function main(isCheck: boolean): Promise<void> {
  const options = (await resolveConfig(join(FOLDER, 'x.md'))) ?? {};
  for (const [file, runbook] of Object.entries(RUNBOOKS)) {
    const path = join(FOLDER, file);
    const text = await format(render(runbook), { ...options, parser: 'markdown' });
    if (!isCheck) writeFileSync(path, text);
    else if (readFileSync(path, 'utf8') !== text)
      throw new Error(`docs/runbooks/${file} is older than the declarations: npm run docs`);
  }
}

main(process.argv.includes('--check')).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
