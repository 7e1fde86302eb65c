import { harmless } from './harmless.js';
import type { Progress, StepProgress } from './progress.js';

const MARKS: Record<StepProgress['state'], string> = {
  pending: '·',
  running: '▶',
  done: '✔',
  skipped: '↷',
  failed: '✖',
  undoing: '↶',
  undone: '↺',
  'undo-failed': '‼',
};

const cell = (text: string): string => harmless(text).replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The progress as Markdown: one table, and the hold with its choices above it. */
export function toMarkdown({ state, title, source, target, steps, hold }: Progress): string {
  const head = `**${harmless(title)}**${source || target ? ` ${source ?? '?'} → ${target ?? '?'}` : ''}: **${state}**`;
  const held = hold
    ? `\n\n> **Waits for a person** at \`${hold.step}\` (${hold.code}): ${cell(hold.message)}.\n> ${cell(hold.hint)}\n> Send the update: ${hold.choices.map((choice) => `\`${choice}\``).join(', ')}.`
    : '';
  const lines = steps.map(
    ({ number, name, doc, state: at, durationMs, note }) =>
      `| ${number} | ${MARKS[at]} | \`${name}\` | ${cell(note ?? doc)} | ${durationMs ?? ''} |`,
  );
  return [`${head}${held}`, '', '| # | | step | | ms |', '|---|---|---|---|---|', ...lines].join(
    '\n',
  );
}
