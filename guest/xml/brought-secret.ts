/** Whose a secret is that a migration has brought: it stands in its description until the move has ended. */
import { MigrationId } from '../../model/ids.js';
import { first, parseXml, rootOf, serialize, textOf } from './document.js';

const MARK = /^\[brought by drover, ([^\]]+)\] ?/;

/** The migration, or nothing. */
export const broughtBy = (xml: string): MigrationId | undefined =>
  MigrationId.safeParse(MARK.exec(textOf(rootOf(parseXml(xml, 'secret')), 'description'))?.[1])
    .data;

/** The same secret with that owner in its description, or with none. */
export function withOwner(xml: string, owner: MigrationId | undefined): string {
  const document = parseXml(xml, 'secret');
  const root = rootOf(document);
  const found = first(root, 'description');
  const words = (found?.textContent ?? '').replace(MARK, '');
  found?.parentNode?.removeChild(found);
  const text = owner === undefined ? words : `[brought by drover, ${owner}] ${words}`;
  if (text !== '') {
    const description = document.createElement('description');
    description.appendChild(document.createTextNode(text));
    root.insertBefore(description, root.firstChild);
  }
  return serialize(document);
}
