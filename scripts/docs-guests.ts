/** docs/guests.md: what becomes of each element of a domain, from the account. */
import { BELONGINGS, type Belonging } from '../guest/belongings.js';
import { ACCOUNT } from '../guest/account/account.js';
import type { Fate } from '../guest/account/fate.js';
import type { Row } from '../guest/account/rows.js';

const WORDS: Readonly<Record<Fate['does'], string>> = {
  travels: 'travels',
  rewritten: '**rewritten**',
  dropped: '**dropped**',
  carried: '**carried**',
  needed: '**needed** on the target',
  refused: '**refused**',
};

const textOf = (fate: Fate): string =>
  fate.does === 'travels' ? WORDS.travels : `${WORDS[fate.does]}: ${fate.words}`;

/** What is done, and by which steps. */
const belongingRow = ({
  name,
  found,
  live,
  cold,
  compared,
  afterwards,
  steps,
}: Belonging): string => {
  const by = (words: string, names: readonly string[]) =>
    names.length > 0 ? `${words} (${names.map((step) => `\`${step}\``).join(', ')})` : words;
  const cells = [
    name,
    by(found, steps.found),
    by(live, steps.live),
    by(cold, steps.cold),
    compared,
    by(afterwards, steps.afterwards),
  ];
  return `| ${cells.join(' | ')} |`;
};

/** The whole document. */
export const guestsDocument = (): string =>
  [
    '# What becomes of each part of a guest',
    '',
    'Generated from `guest/account/` and `guest/belongings.ts` by `npm run docs`; do not edit. Paths are of libvirt’s domain XML, below `<domain>`.',
    '',
    'drover reads a domain by this table and by nothing else: what it sends, what it asks of the target, what it refuses. An element that is not here keeps its guest where it is, by its path, until somebody takes the responsibility (`--accept PATH`); an attribute that drover does not know (`--accept PATH/ATTRIBUTE`) and a path of the host’s at a place where it knows of none do too, whatever becomes of the element. The table has a row for every element, and drover knows every attribute, of the schemas of libvirt 9.0 and 11.3 (`test/unit/guest/account.test.ts`, `attributes.test.ts`).',
    '',
    '- *travels*: as it is.',
    '- *rewritten*: changed for the target; the dry run shows how.',
    '- *carried*: state beside the XML, brought by a step of its own and compared.',
    '- *needed*: looked for on the target before anything is touched.',
    '- *dropped*: left out on the target; the report says so.',
    '- *refused*: the guest stays, and you are told the way out.',
    '',
    '## Beside the XML',
    '',
    '| thing | found | live | cold | compared | afterwards |',
    '|---|---|---|---|---|---|',
    ...Object.values(BELONGINGS).map(belongingRow),
    '',
    ...Object.entries(ACCOUNT).flatMap(([subject, rows]) => [
      `## ${subject}`,
      '',
      ...sectionOf(rows),
      '',
    ]),
  ].join('\n');

/** Parts of what has a row of its own say nothing. */
const isSilent = ({ live }: Row): boolean =>
  live.does === 'carried' && live.words.startsWith('see ');

function sectionOf(rows: readonly Row[]): string[] {
  const isPlain = ({ live, cold }: Row) => live.does === 'travels' && cold.does === 'travels';
  const special = rows.filter((row) => !isPlain(row) && !isSilent(row));
  const named = new Set(special.map(({ path }) => path));
  const plain = rows.filter((row) => isPlain(row) && !named.has(row.path)).map(({ path }) => path);
  const lines = new Map<string, string[]>();
  for (const { path, when, live, cold } of special) {
    const of = when ? ` (${when.words})` : '';
    const [a, b] = [textOf(live), textOf(cold)];
    const line = `${of}: ${a === b ? a : `live ${a}; cold ${b}`}`;
    lines.set(line, [...(lines.get(line) ?? []), path]);
  }
  const told = [...lines].map(([line, paths]) => `- ${outlineOf(paths)}${line}`);
  return plain.length > 0 ? [...told, `- ${outlineOf(plain)}: travels`] : told;
}

/** Paths in the account's own shorthand: `a/b`, `a/b/c` as `a/b(c)`. */
function outlineOf(paths: readonly string[]): string {
  const wanted = new Set(paths);
  const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const outline = (path: string, shown: string): string => {
    const inside = [...wanted].filter((other) => parentOf(other) === path);
    const children = inside.map((child) => outline(child, child.slice(path.length + 1)));
    return children.length > 0 ? `${shown}(${children.join(' ')})` : shown;
  };
  return [...wanted]
    .filter((path) => !wanted.has(parentOf(path)))
    .map((path) => `\`${outline(path, path)}\``)
    .join(', ');
}
