/** Fates of elements that name something of their host. */
import type { Element } from '@xmldom/xmldom';
import { climbs } from '../../model/ids.js';
import { FOR_GUESTS, inSystemFolder, straightened } from '../../model/system-folders.js';
import type { Need } from '../../model/need.js';
import { needed, refusedIf, type Fate } from './fate.js';

/** What libvirt makes itself at each start, in folders of its own: it is never needed beforehand. */
const LIBVIRTS = /^(?:\/var\/lib|\/run|\/var\/run)\/libvirt\/qemu\//;
/** Of these, what a running guest has under its own name; beside them are other guests' variables and saved memory. */
const ITS_OWN = /^(?:\/var\/lib|\/run|\/var\/run)\/libvirt\/qemu\/(?:channel|domain-[^/]+)\//;

/** A path in an attribute or in the text. `folder`: the guest's start makes the file, so its folder has to be there. */
export const needsOfPath = (
  is: Extract<Need, { kind: 'path' }>['is'],
  words: string,
  pathIn: (element: Element) => string | null | undefined,
): Fate =>
  needed(words, (element): Need[] => {
    const named = pathIn(element)?.trim() ?? '';
    if (!named.startsWith('/')) return [];
    const path = straightened(named);
    const known = is === 'new file' || is === 'appended file' ? ITS_OWN : LIBVIRTS;
    // A connection there is to libvirt itself, or to another guest's monitor.
    if (is !== 'anything' && known.test(path) && !climbs(path)) return [];
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
    const path = straightened(pathIn(element)?.trim() ?? '');
    return SYSTEM.test(path) || climbs(path)
      ? [
          {
            why: `would be written to ${path}, a folder of the system, or through ..`,
            wayOut: 'give it a file among logs or disks (virsh edit)',
          },
        ]
      : [];
  });

/** Where a file of the system's would become the guest's (S7). What a need names is asked of the target as well. */
export const readsOfSystem = (pathIn: (element: Element) => string | null): Fate =>
  refusedIf('where a file of the system would be read for it', (element) => {
    const path = straightened(pathIn(element)?.trim() ?? '');
    return (SYSTEM.test(path) && !FOR_GUESTS.test(path)) || climbs(path)
      ? [
          {
            why: `would be filled from ${path}, a file of the system`,
            wayOut: 'name another file (virsh edit)',
            accept: 'system-file',
          },
        ]
      : [];
  });
