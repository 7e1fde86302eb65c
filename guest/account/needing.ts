/** Fates of elements that name something of their host. */
import type { Element } from '@xmldom/xmldom';
import type { Need } from '../../model/need.js';
import { needed, type Fate } from './fate.js';

/** What libvirt makes itself at each start, in folders of its own: it is never needed beforehand. */
const LIBVIRTS = /^(?:\/var\/lib|\/run|\/var\/run)\/libvirt\/qemu\//;

/** A path in an attribute or in the text. `folder`: the guest's start makes the file, so its folder has to be there. */
export const needsOfPath = (
  is: Extract<Need, { kind: 'path' }>['is'],
  words: string,
  pathIn: (element: Element) => string | null | undefined,
): Fate =>
  needed(words, (element): Need[] => {
    const path = pathIn(element)?.trim() ?? '';
    if (!path.startsWith('/') || LIBVIRTS.test(path)) return [];
    if (is !== 'folder') return [{ kind: 'path', is, path }];
    return [{ kind: 'path', is, path: path.slice(0, path.lastIndexOf('/')) || '/' }];
  });

/** The element's own text. */
export const ownText = (element: Element): string => element.textContent ?? '';

/** One of the element's attributes. */
export const attribute =
  (name: string) =>
  (element: Element): string | null =>
    element.getAttribute(name);
