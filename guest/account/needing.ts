/** Fates of elements that name something of their host. */
import type { Element } from '@xmldom/xmldom';
import { inSystemFolder } from '../../model/system-folders.js';
import type { Need } from '../../model/need.js';
import { needed, refusedIf, type Fate } from './fate.js';

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

/** Folders in which a guest that writes there would change its host. */
const SYSTEM = inSystemFolder();

/** Where the guest's own output would go into such a folder (S6). */
export const writesIntoSystem = (pathIn: (element: Element) => string | null): Fate =>
  refusedIf('where it would be written into a folder of the system', (element) => {
    const path = pathIn(element)?.trim() ?? '';
    return SYSTEM.test(path)
      ? [
          {
            why: `would be written to ${path}, a folder of the system`,
            wayOut: 'give it a file among logs or disks (virsh edit)',
          },
        ]
      : [];
  });
