/** Tables of the documents that are made of what the code has. */
import { optionsOf } from '../model/options.js';
import { rule, type Ruling } from '../model/arbiter.js';
import { SIDES } from '../model/side.js';
import { ERRORS, traitsOf, type ErrorCode } from '../model/errors.js';
import { ColdOptions, LiveMigrationRequest, TransferOptions } from '../model/migration.js';

/** The arbiter's table: pairs with the same answer share a row. */
export function arbiterTable(): string {
  const answers = new Map<Ruling, string[]>();
  for (const source of SIDES)
    for (const target of SIDES) {
      const ruling = rule(source, target);
      answers.set(ruling, [...(answers.get(ruling) ?? []), `${source} + ${target}`]);
    }
  const rows = [...answers].map(
    ([{ verdict, why, hint }, pairs]) =>
      `| ${VERDICTS[verdict]} | ${pairs.join(', ')} | ${why} | ${hint} |`,
  );
  return [
    '| answer | source + target | because | what the operator does |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}
const VERDICTS = { source: 'take back', target: 'go forward', hold: '**hold**' };

/** docs/errors.md: what each code means, and how drover treats it. */
export function errorTable(): string {
  const rows = (Object.keys(ERRORS) as ErrorCode[]).sort().map((code) => {
    const { sentence, retry, effect, isRefusal } = traitsOf(code);
    const answers = [yes(retry), yes(effect === 'unknown'), yes(isRefusal)];
    return `| \`${code}\` | ${sentence} | ${answers.join(' | ')} |`;
  });
  return [
    '# Error codes',
    '',
    'Generated from `model/error-codes.ts` by `npm run docs`; do not edit. Each error also has a message with the names of what it is about, and a hint: what to do next.',
    '',
    '- **Retried**: drover makes the same call again by itself, as often as the step’s timing allows.',
    '- **May have happened**: the call failed, but what it should have done may have been done; undos and retries expect that.',
    '- **Refusal**: a rule or a check turned the migration down; what it had reserved is released.',
    '',
    '| code | what it means | retried | may have happened | refusal |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
const yes = (is: boolean): string => (is ? 'yes' : '–');
/** The options that have a flag, by their place in the request. */
export function optionsTable(): string {
  const rows = [
    ...optionsOf(LiveMigrationRequest).map((option) => ({ ...option, of: 'both' })),
    ...optionsOf(TransferOptions).map((option) => ({ ...option, of: 'live' })),
    ...optionsOf(ColdOptions).map((option) => ({ ...option, of: 'cold' })),
  ].map(({ name, of, flag, unit = '', range = '', otherwise, kind, help }) => {
    const place = of === 'both' ? name : `options.${name}`;
    const usual = otherwise ?? (kind === 'boolean' ? 'off' : '');
    return `| \`${place}\` | ${of} | \`${flag}\` | ${unit} | ${range} | ${usual} | ${help} |`;
  });
  return [
    '| name | move | flag | unit | range | default | what it does |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
