/** What the checks have seen of a definition: whatever is in it later, and was not then, was checked by nobody (S6). */
import { createHash } from 'node:crypto';
import type { DomainFacts } from '../../guest/xml/domain.js';
import { CodedError } from '../../model/errors.js';

type Parts = Pick<DomainFacts, 'needs' | 'objections' | 'disks' | 'ports'>;

/** Each part by a digest: short enough for a history, and it tells nobody what it is. */
export const seenIn = (views: readonly Parts[]): string[] => [
  ...new Set(views.flatMap(partsOf).map(({ digest }) => digest)),
];

/** @throws DEFINITION_CHANGED naming what has come since */
export function refuseUnseen(name: string, view: Parts, seen: readonly string[]): void {
  const come = partsOf(view).filter(({ digest }) => !seen.includes(digest));
  if (come.length === 0) return;
  const what = [...new Set(come.map(({ about }) => about))].join(', ');
  throw new CodedError(
    'DEFINITION_CHANGED',
    `somebody has changed ${name} since it was checked: ${what}`,
    { hint: 'Start the move again: what has come is checked then.', facts: { what } },
  );
}

function partsOf({ needs, objections, disks, ports }: Parts): { about: string; digest: string }[] {
  const parts: [about: string, part: unknown][] = [
    ...needs.map(({ about, need }): [string, unknown] => [about, need]),
    ...objections.map(({ about, why }): [string, unknown] => [about, why]),
    ...disks.map(({ device, source, format }): [string, unknown] => [
      `disk ${device}`,
      { source, format },
    ]),
    ...ports.map(({ mac, bridge, network }): [string, unknown] => [
      `interface ${mac}`,
      { bridge, network },
    ]),
  ];
  return parts.map(([about, part]) => ({
    about,
    digest: createHash('sha256')
      .update(JSON.stringify([about, part]))
      .digest('hex')
      .slice(0, 16),
  }));
}
