/** Writes docs/runbooks/, docs/errors.md, docs/guests.md and the tables of docs/safety.md, docs/client.md and docs/policy.md from the code; `--check` fails if they are out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { traitsOf } from '../model/errors.js';
import { coldMigrationRunbook } from '../workflows/runbooks/cold-migration.js';
import { liveMigrationRunbook } from '../workflows/runbooks/live-migration.js';
import { stepsOf, type Runbook } from '../workflows/engine/runbook.js';
import { undoOf, type AnyStep } from '../workflows/kit/step.js';
import { guestsDocument } from './docs-guests.js';
import { policyMatrix } from './docs-policy.js';
import { TIMINGS } from '../workflows/kit/timing.js';
import { arbiterTable, errorTable, optionsTable } from './docs-tables.js';

const DOCS = join(__dirname, '..', '..', 'docs');
const RUNBOOKS: Readonly<Record<string, Omit<Runbook, 'request'>>> = {
  'runbooks/live-migration.md': liveMigrationRunbook,
  'runbooks/cold-migration.md': coldMigrationRunbook,
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

/** Puts a generated part between its two marks. */
function between(text: string, mark: string, part: string): string {
  const [begin, end] = [`<!-- begin ${mark} -->`, `<!-- end ${mark} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the marks of ${mark} are missing`);
  return `${text.slice(0, from + begin.length)}\n\n${part}\n\n${text.slice(to)}`;
}

async function main(isCheck: boolean): Promise<void> {
  const options = (await resolveConfig(join(DOCS, 'x.md'))) ?? {};
  const read = (file: string) => readFileSync(join(DOCS, file), 'utf8');
  const wanted = [
    ...Object.entries(RUNBOOKS).map(([file, runbook]) => [file, render(runbook)] as const),
    ['errors.md', errorTable()] as const,
    ['guests.md', guestsDocument()] as const,
    ['safety.md', between(read('safety.md'), 'arbiter', arbiterTable())] as const,
    ['client.md', between(read('client.md'), 'options', optionsTable())] as const,
    ['policy.md', between(read('policy.md'), 'matrix', policyMatrix(read('policy.md')))] as const,
  ];
  for (const [file, text] of wanted) {
    const path = join(DOCS, file);
    const pretty = await format(text, { ...options, parser: 'markdown' });
    if (!isCheck) writeFileSync(path, pretty);
    else if (readFileSync(path, 'utf8') !== pretty)
      throw new Error(`docs/${file} is out of date: run npm run docs`);
  }
}

main(process.argv.includes('--check')).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
