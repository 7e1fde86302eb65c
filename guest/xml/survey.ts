/** One pass over XML from a host before anything keeps it: bounded in size, depth and number, in time that grows with its length alone. */
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { CodedError, messageOf } from '../../model/errors.js';

const MAX_CHARS = 2_000_000;
/** libvirt's own documents have about ten levels and some hundred elements, but for a chain of backing files: it takes 200, each in the one above. */
const MAX_DEPTH = 256;
const MAX_ELEMENTS = 20_000;
const MAX_ATTRIBUTES = 60_000;
const MAX_NAMESPACES = 64;

/** Called while one pass reads the text, in its order. Names have their prefixes. */
export interface Visitor {
  element?(path: readonly string[], attributes: Readonly<Record<string, string>>): void;
  /** Text between tags, trimmed and not empty. */
  text?(path: readonly string[], text: string): void;
}

/**
 * Reads a document once, without keeping it.
 * @throws BAD_ANSWER for anything that is not plain, well-formed, sensible XML
 */
export function surveyXml(text: string, visitor: Visitor = {}): void {
  if (text.length > MAX_CHARS) throw badXml(`more than ${MAX_CHARS} characters`);
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text))
    throw badXml('a document type, which drover does not read');
  const path: string[] = [];
  const bounds = counting();
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw badXml(messageOf(error).split('\n')[0] ?? '', error);
  });
  parser.on('opentag', (tag) => {
    path.push(tag.name);
    bounds(path.length, tag);
    visitor.element?.(path, tag.attributes);
  });
  parser.on('closetag', () => void path.pop());
  const { text: tell } = visitor;
  if (tell)
    parser.on('text', (raw) => {
      const trimmed = raw.trim();
      if (trimmed) tell(path, trimmed);
    });
  parser.write(text).close();
}

/** Counts what has come so far, and throws at the first that is too much. */
function counting(): (depth: number, tag: SaxesTagPlain) => void {
  let [elements, attributes, namespaces] = [0, 0, 0];
  return (depth, tag) => {
    const names = Object.keys(tag.attributes);
    elements += 1;
    attributes += names.length;
    namespaces += names.filter((name) => name.startsWith('xmlns')).length;
    if (depth > MAX_DEPTH) throw badXml(`elements nested deeper than ${MAX_DEPTH}`);
    if (elements > MAX_ELEMENTS) throw badXml(`more than ${MAX_ELEMENTS} elements`);
    if (attributes > MAX_ATTRIBUTES) throw badXml(`more than ${MAX_ATTRIBUTES} attributes`);
    if (namespaces > MAX_NAMESPACES) throw badXml(`more than ${MAX_NAMESPACES} namespaces`);
  };
}

/** The error of a host's XML that is not what it should be. */
export const badXml = (what: string, cause?: unknown): CodedError =>
  new CodedError('BAD_ANSWER', `the host's XML cannot be read: ${what}`, {
    cause,
    hint: 'Look at it with virsh dumpxml on the host.',
  });
