/** Reads a RELAX NG schema of libvirt's: which elements may stand where in a domain. */
import type { Element } from '@xmldom/xmldom';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plainPath } from '../../guest/account/account.js';
import { parseXml, rootOf } from '../../guest/xml/document.js';

/** Where libvirt's packages put their schemas. */
export const LIBVIRT_SCHEMAS = '/usr/share/libvirt/schemas';

const children = (element: Element): Element[] =>
  Array.from(element.childNodes).filter((node): node is Element => node.nodeType === 1);

/** A path as drover reads it: a chain of backing stores is one element. */
export const plainAlong = (path: string): string =>
  path.split('/').reduce((above, name) => plainPath(above, name), '');

/** All paths of elements below `<domain>`, by local names; `*` where anything may stand. A chain that nests endlessly has one level. */
export const elementsOfDomain = (folder: string): string[] =>
  [...readDomain(folder).keys()]
    .filter((path) => path !== 'domain')
    .map((path) => path.replace(/^domain\//, ''));

/** The attributes of each of them, and of `domain` itself. */
export const attributesOfDomain = (folder: string): [path: string, attribute: string][] =>
  [...readDomain(folder)].flatMap(([path, attributes]) =>
    [...attributes].map((name): [string, string] => [path.replace(/^domain\//, ''), name]),
  );

/** Paths of elements, with the names of their attributes. */
function readDomain(folder: string): Map<string, Set<string>> {
  const definitions = definitionsIn(folder, 'domain.rng');
  const found = new Map<string, Set<string>>();
  const enter = (element: Element, path: string, inside: readonly Element[]): void => {
    for (const name of namesOf(element)) {
      const at = path === '' ? name : `${path}/${name}`;
      found.set(at, found.get(at) ?? new Set());
      if (!inside.includes(element)) visit(element, at, [...inside, element]);
    }
  };
  const follow = (name: string, path: string, inside: readonly Element[]): void => {
    for (const one of definitions.get(name) ?? [])
      if (!inside.includes(one)) visit(one, path, [...inside, one]);
  };
  const visit = (node: Element, path: string, inside: readonly Element[]): void => {
    for (const child of children(node).filter(({ localName }) => !LEAVES.has(localName ?? ''))) {
      if (child.localName === 'element') enter(child, path, inside);
      else if (child.localName === 'ref') follow(child.getAttribute('name') ?? '', path, inside);
      else if (child.localName === 'attribute')
        namesOf(child).forEach((name) => found.get(path)?.add(name));
      else visit(child, path, inside);
    }
  };
  follow('domain', '', []);
  return found;
}

/** Parts of a schema in which neither element nor attribute is. */
const LEAVES = new Set(['value', 'data', 'name']);

function definitionsIn(folder: string, file: string): Map<string, Element[]> {
  const found = new Map<string, Element[]>();
  const read = (grammar: Element): void => {
    for (const child of children(grammar)) {
      const name = child.getAttribute('name') ?? '';
      if (child.localName === 'include') load(child.getAttribute('href') ?? '');
      if (child.localName === 'define') found.set(name, [...(found.get(name) ?? []), child]);
      if (child.localName === 'include' || child.localName === 'div') read(child);
    }
  };
  const load = (name: string): void => {
    read(rootOf(parseXml(readFileSync(join(folder, name), 'utf8'), 'grammar')));
  };
  load(file);
  return found;
}

function namesOf(element: Element): string[] {
  const own = element.getAttribute('name');
  if (own) return [own];
  const [first] = children(element);
  if (first?.localName === 'name') return [first.textContent ?? ''];
  if (first?.localName === 'choice') return children(first).map((one) => one.textContent ?? '');
  return ['*'];
}
