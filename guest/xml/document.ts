/** Parsing of XML from hosts: no document types, no entities, bounded size and depth. */
import { DOMParser, XMLSerializer, type Document, type Element } from '@xmldom/xmldom';
import { messageOf } from '../../model/errors.js';
import { badXml, surveyXml } from './survey.js';

/** Parses one document. @throws BAD_ANSWER for anything that is not plain, well-formed, sensible XML. */
export function parseXml(text: string, rootName: string): Document {
  surveyXml(text);
  let document: Document;
  try {
    const onError = (level: string, message: string) => {
      if (level !== 'warning') throw new Error(message);
    };
    document = new DOMParser({ onError }).parseFromString(text, 'text/xml');
  } catch (error) {
    throw badXml(messageOf(error).split('\n')[0] ?? '', error);
  }
  if (document.documentElement?.localName !== rootName)
    throw badXml(`no <${rootName}> at the root`);
  return document;
}

/** The XML text of a node. */
export const serialize = (node: Document | Element): string =>
  new XMLSerializer().serializeToString(node);

/** Text for an attribute in single quotes. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>'"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** The root element. */
export const rootOf = (document: Document): Element => document.documentElement as Element;

/** Child elements by local name, along a path like `devices/disk`. */
export function all(parent: Element, path: string): Element[] {
  const [name, ...rest] = path.split('/');
  const children = Array.from(parent.childNodes).filter(
    (node): node is Element => node.nodeType === 1 && (node as Element).localName === name,
  );
  return rest.length === 0 ? children : children.flatMap((child) => all(child, rest.join('/')));
}

/** The first element along a path. */
export const first = (parent: Element, path: string): Element | undefined => all(parent, path)[0];

/** The trimmed text of the first element along a path; empty if there is none. */
export const textOf = (parent: Element, path: string): string =>
  first(parent, path)?.textContent?.trim() ?? '';

/** An attribute of the first element along a path. */
export const attributeOf = (parent: Element, path: string, name: string): string | undefined =>
  first(parent, path)?.getAttribute(name) ?? undefined;

/** A new element at the end of another. */
export function append(parent: Element, name: string): Element {
  const child = (parent.ownerDocument as Document).createElement(name);
  parent.appendChild(child);
  return child;
}
