/** docs/kinds.md: kinds by moves. */
import type { Kind } from './kind.js';
import { MOVES } from './kind.js';
import type { Played } from './play.js';

/** A result as it is kept: what it was played on. */
export interface Kept extends Played {
  /** Both hosts' versions. */
  readonly between: string;
  readonly commit: string;
  readonly date: string;
}

const GROUPS: Readonly<Record<Kind['group'], string>> = {
  disks: 'Disks',
  networks: 'Networks',
  belongings: 'What belongs to a guest',
};

/** The whole page. */
export function reportOf(kinds: readonly Kind[], results: readonly Kept[]): string {
  const between = [...new Set(results.map((one) => one.between))];
  const commits = [...new Set(results.map(({ commit }) => commit))].join(', ');
  const dates = [...new Set(results.map(({ date }) => date))].sort().join(', ');
  return [
    '# Kinds of guests, and how they move',
    '',
    'Each cell was played on the lab’s hosts: ✓ with the seconds that it took (live and cold are there and back; a fresh guest each), ∅ refused before anything was touched, for the reason below the table. Looked at after each: the guest is on the right host and on no other, its disk has the same content, nothing of the move is left on any host. Empty: not played (the lab’s newer host has no Open vSwitch).',
    '',
    `Made by \`scripts/kinds --report\` on ${dates}, drover ${commits}. What becomes of every other element of a guest: [guests.md](guests.md).`,
    ...between.flatMap((hosts) => [
      '',
      `## ${hosts}`,
      ...sectionsOf(
        kinds,
        results.filter((one) => one.between === hosts),
      ),
    ]),
    '',
  ].join('\n');
}

function sectionsOf(kinds: readonly Kind[], results: readonly Kept[]): string[] {
  const reasons: string[] = [];
  const cellOf = (kind: Kind, move: string): string => {
    const found = results.find((one) => one.kind === kind.name && one.move === move);
    if (!found) return '';
    if (found.ending === 'moved') return `✓ ${found.seconds.toFixed(1)} s`;
    if (found.ending === 'wrong') return `**wrong**`;
    const reason = found.says.replaceAll(/kind\d+/g, 'VM');
    if (!reasons.includes(reason)) reasons.push(reason);
    return `∅ ${reasons.indexOf(reason) + 1}`;
  };
  const tables = (Object.keys(GROUPS) as Kind['group'][]).flatMap((group) => {
    const rows = kinds.filter((kind) => kind.group === group);
    return [
      '',
      `| ${[GROUPS[group], ...MOVES, 'what becomes of it'].join(' | ')} |`,
      `|${'---|'.repeat(MOVES.length + 2)}`,
      ...rows.map(
        (kind) =>
          `| ${[kind.name, ...MOVES.map((move) => cellOf(kind, move)), kind.becomes].join(' | ')} |`,
      ),
    ];
  });
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`);
  return notes.length > 0 ? [...tables, '', ...notes] : tables;
}
