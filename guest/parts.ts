/** What becomes of each part of a domain, in words: for the dry run and `drover show`. */
import type { Element } from '@xmldom/xmldom';
import type { PartOfGuest } from '../model/vm.js';
import type { Accounted } from './account/account.js';
import type { Fate } from './account/fate.js';
import { nameOf } from './names.js';

/** Everything but what simply travels; each line once. */
export function partsOf(account: readonly Accounted[]): PartOfGuest[] {
  const parts = account.flatMap(({ element, path, rows }) =>
    rows.flatMap(({ live, cold }): PartOfGuest[] => {
      if (live.does === 'travels' && cold.does === 'travels') return [];
      if (says(live, element) === '' && says(cold, element) === '') return [];
      return [
        { part: nameOf(element, path), live: says(live, element), cold: says(cold, element) },
      ];
    }),
  );
  return [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
}

/** Nothing for a fate that does not concern this element. */
function says(fate: Fate, element: Element): string {
  switch (fate.does) {
    case 'travels':
      return 'travels';
    case 'refused':
      return fate
        .refusals(element)
        .map(({ why }) => `refused: ${why}`)
        .join('; ');
    case 'needed': {
      const found = fate.needs(element);
      return found.length > 0 ? `needed on the target: ${fate.words}` : '';
    }
    case 'carried':
      return fate.words.startsWith('see ') ? '' : `carried: ${fate.words}`;
    case 'rewritten':
    case 'dropped':
      return `${fate.does}: ${fate.words}`;
  }
}
