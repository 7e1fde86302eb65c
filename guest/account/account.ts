/**
 * The account of a guest: what becomes of each element of libvirt's domain XML when the guest moves. Complete for the schemas of
 * libvirt 9.0 and 11.3 (test/unit/guest/account.test.ts); an element without a row keeps its guest from moving.
 */
import type { Element } from '@xmldom/xmldom';
import { BASICS } from './basics.js';
import { CONSOLES } from './consoles.js';
import { SCREENS } from './screens.js';
import { CPU } from './cpu.js';
import { DEVICES } from './devices.js';
import { DISKS } from './disks.js';
import { FIRMWARE } from './firmware.js';
import { HOST_DEVICES } from './host-devices.js';
import { INTERFACES } from './interfaces.js';
import { MEMORY } from './memory.js';
import { PAST_LIBVIRT } from './past-libvirt.js';
import type { Row } from './rows.js';

/** By subject, as docs/guests.md has it. */
export const ACCOUNT: Readonly<Record<string, readonly Row[]>> = {
  'Identity and life cycle': BASICS,
  'Firmware and boot': FIRMWARE,
  Processors: CPU,
  Memory: MEMORY,
  Disks: DISKS,
  'Network interfaces': INTERFACES,
  'Consoles, screens, sound': [...CONSOLES, ...SCREENS],
  'Other devices': DEVICES,
  'Devices of the host': HOST_DEVICES,
  'Past libvirt': PAST_LIBVIRT,
};

const byPath = new Map<string, Row[]>();
for (const row of Object.values(ACCOUNT).flat())
  byPath.set(row.path, [...(byPath.get(row.path) ?? []), row]);

/** True if the account says something of elements there. */
export const isAccounted = (path: string): boolean => byPath.has(path);

/** Others write below it what they like. */
const OPEN = 'metadata';

/** An element of a domain, and the rows that hold for it. */
export interface Accounted {
  readonly element: Element;
  /** Below `<domain>`, by local names: `devices/disk/source`. */
  readonly path: string;
  readonly rows: readonly Row[];
  /** The account knows elements of this path, if perhaps none like this one. */
  readonly isKnown: boolean;
}

/** Every element of a domain with its rows, in the order of the document. */
export function accountOf(root: Element): Accounted[] {
  const found: Accounted[] = [];
  const visit = (parent: Element, above: string) => {
    for (const element of Array.from(parent.childNodes).filter(isElement)) {
      const path = plainPath(above, element.localName ?? '');
      const rows = byPath.get(path);
      const matching = (rows ?? []).filter(({ when }) => !when || when.holds(element));
      found.push({ element, path, rows: matching, isKnown: rows !== undefined });
      if (rows && path !== OPEN) visit(element, path);
    }
  };
  visit(root, '');
  return found;
}

const isElement = (node: { nodeType: number }): node is Element => node.nodeType === 1;

const ENDLESS = ['backingStore', 'dataStore'];

/** A chain of them is one kind of element, however long it is. */
export const plainPath = (above: string, name: string): string => {
  if (ENDLESS.includes(name) && above.endsWith(`/${name}`)) return above;
  return above === '' ? name : `${above}/${name}`;
};
