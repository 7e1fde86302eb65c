/** Parsing of XML from hosts: no document types, no entities, bounded size and depth. */
import { DOMParser, XMLSerializer, type Document, type Element } from '@xmldom/xmldom';
import { CodedError, messageOf } from '../../../model/errors.js';

const MAX_CHARS = 2_000_000;
const MAX_DEPTH = 64;

/** Parses one document. @throws BAD_ANSWER for anything that is not plain, well-formed, sensible XML. */
export function parseXml(text: string, rootName: string): Document {
  if (text.length > MAX_CHARS) throw bad(`more than ${MAX_CHARS} characters`);
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw bad('a document type, which drover does not read');
  if (depthOf(text) > MAX_DEPTH) throw bad(`elements nested deeper than ${MAX_DEPTH}`);
  let document: Document;
  try {
    const onError = (level: string, message: string) => {
      if (level !== 'warning') throw new Error(message);
    };
    document = new DOMParser({ onError }).parseFromString(text, 'text/xml');
  } catch (error) {
    throw bad(messageOf(error).split('\n')[0] ?? '', error);
  }
  if (document.documentElement?.localName !== rootName) throw bad(`no <${rootName}> at the root`);
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

const bad = (what: string, cause?: unknown): CodedError =>
  new CodedError('BAD_ANSWER', `the host's XML cannot be read: ${what}`, {
    cause,
    hint: 'Look at it with virsh dumpxml on the host.',
  });

/** Nesting depth by counting tags, before a recursive parser sees them. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [, close, selfClosed] of text.matchAll(/<(\/?)[A-Za-z_][^<>]*?(\/?)>/g)) {
    if (close) depth -= 1;
    else if (!selfClosed) deepest = Math.max(deepest, ++depth);
  }
  return deepest;
}
