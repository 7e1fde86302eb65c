/** A definition in portions that have a name each, so that two readings of it can be told apart by what is different. */
import type { Element } from '@xmldom/xmldom';
import { overlaySuffix } from '../../model/overlay.js';
import { all, attributeOf, first, parseXml, rootOf } from './document.js';

/** Of the mark that a migration puts on a guest. */
export const MARK_NAMESPACE = 'https://drover.dev/xmlns/migration/1';

/** One portion: what it is about, as a person calls it, and what it says. */
export interface Portion {
  readonly about: string;
  readonly text: string;
}

/** All of it but what the migration itself has put there: its mark, and the overlays of a warm copy. */
export function portionsOf(xml: string, migrationId: string): Portion[] {
  const domain = rootOf(parseXml(xml, 'domain'));
  all(domain, 'devices/disk').forEach(asWithoutOverlay);
  const texts = new Map<string, string[]>();
  for (const element of elementsOf(domain)) {
    if (element.namespaceURI === MARK_NAMESPACE) continue;
    const about = nameOf(element);
    const text = plainText(element).replaceAll(overlaySuffix(migrationId), '');
    texts.set(about, [...(texts.get(about) ?? []), text]);
  }
  return [...texts].map(([about, parts]) => ({ about, text: parts.join('\n') }));
}

/** An overlay has another format than what may lie below it, and makes libvirt name that. */
function asWithoutOverlay(disk: Element): void {
  first(disk, 'driver')?.removeAttribute('type');
  all(disk, 'backingStore').forEach((below) => disk.removeChild(below));
}

const childrenOf = (parent: Element): Element[] =>
  Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === 1);

/** Devices and metadata one by one, and whatever else there is. */
const elementsOf = (domain: Element): Element[] =>
  childrenOf(domain).flatMap((child) =>
    ['devices', 'metadata'].includes(child.nodeName) ? childrenOf(child) : [child],
  );

function nameOf(element: Element): string {
  const { nodeName } = element;
  if (nodeName === 'disk') return `disk ${attributeOf(element, 'target', 'dev') ?? ''}`.trim();
  if (nodeName === 'interface')
    return `interface ${attributeOf(element, 'mac', 'address') ?? ''}`.trim();
  return element.parentNode?.nodeName === 'metadata' ? `metadata ${nodeName}` : nodeName;
}

/** The same for the same content, whatever its quotation marks, its spaces and the order of its attributes. */
function plainText(element: Element): string {
  const attributes = Array.from(element.attributes)
    .map(({ name, value }) => `${name}=${JSON.stringify(value)}`)
    .sort();
  const children = childrenOf(element);
  const text = children.length > 0 ? '' : (element.textContent ?? '').trim();
  return `<${[element.nodeName, ...attributes].join(' ')}>${text}${children.map(plainText).join('')}</>`;
}
