/** Rows of the account, and the shorthand in which they are written. */
import type { Element } from '@xmldom/xmldom';
import type { Fate } from './fate.js';

/** For which elements of its path a row holds. */
export interface Condition {
  /** As XPath says it: `type='volume'`. */
  readonly words: string;
  readonly holds: (element: Element) => boolean;
  /** Attributes with which an element meets it, where attributes alone do. */
  readonly sample?: Readonly<Record<string, string>>;
}

/** What becomes of the elements at one path below `<domain>`. All rows of an element hold together. */
export interface Row {
  readonly path: string;
  readonly when?: Condition;
  readonly live: Fate;
  readonly cold: Fate;
}

/**
 * Rows for an outline: `memory currentMemory numa(cell(cache distances(sibling)))` names seven elements, one below the other. With
 * one fate both kinds of move have it.
 */
export const rows = (outline: string, live: Fate, cold: Fate = live): Row[] =>
  pathsOf(outline).map((path) => ({ path, live, cold }));

/** The same for those elements only that meet a condition. */
export const rowsWhere = (outline: string, when: Condition, live: Fate, cold: Fate = live): Row[] =>
  rows(outline, live, cold).map((row) => ({ ...row, when }));

/** Whose attribute has one of these values. */
export const where = (attribute: string, ...values: readonly string[]): Condition => ({
  words: values.map((value) => `${attribute}='${value}'`).join(' or '),
  holds: (element) => values.includes(element.getAttribute(attribute) ?? ''),
  sample: { [attribute]: values[0] ?? '' },
});

/** All rows below an element. */
export const below = (parent: string, children: readonly Row[]): Row[] =>
  children.map((row) => ({ ...row, path: `${parent}/${row.path}` }));

/** `a(b c)` to `a`, `a/b`, `a/c`. A name may be a path itself: `devices/disk(source)`. */
export function pathsOf(outline: string): string[] {
  const paths: string[] = [];
  const open: string[] = [];
  for (const [token] of outline.matchAll(/[()]|[^\s()]+/g)) {
    const last = paths.at(-1);
    if (token === '(') open.push(last ?? '');
    else if (token === ')') open.pop();
    else paths.push([...open.slice(-1), token].join('/'));
  }
  return paths;
}
