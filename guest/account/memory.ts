/** Rows: the guest's memory. */
import type { Element } from '@xmldom/xmldom';
import { all, first, textOf } from '../xml/document.js';
import { bytesOf } from '../xml/sizes.js';
import { carried, needed, refused, removed, travels } from './fate.js';
import { below, rows, rowsWhere, where, type Row } from './rows.js';
import { ABOUT } from './shapes.js';

/** Pages of this size are every x86 host's ordinary ones, of which nobody keeps a stock. */
const ORDINARY_KIB = 4;

/** In KiB; 0 where it is no size. */
const kibOf = (text: string | null, unit: string | null): number =>
  Math.floor(bytesOf(text, unit) / 1024) || 0;

const childKib = (element: Element, path: string): number =>
  kibOf(textOf(element, path), first(element, path)?.getAttribute('unit') ?? null);

/** What is plugged in of it: of virtio-mem, what the guest is asked to take. */
const pluggedKib = (memory: Element): number =>
  memory.getAttribute('model') === 'virtio-mem'
    ? childKib(memory, 'target/requested')
    : childKib(memory, 'target/size');

/** All devices that want pages of one size want them together, so each of them names the sum. */
const pagesOfDevices = needed(
  'free huge pages of this size, for all devices that name it',
  (page) => {
    const sizeKib = kibOf(page.textContent, page.getAttribute('unit'));
    const root = page.ownerDocument?.documentElement;
    if (!root || sizeKib <= ORDINARY_KIB) return [];
    const devices = all(root, 'devices/memory').filter(
      (memory) => childKib(memory, 'source/pagesize') === sizeKib,
    );
    const pages = devices.reduce((sum, memory) => sum + Math.ceil(pluggedKib(memory) / sizeKib), 0);
    return pages > 0 ? [{ kind: 'hugepages', sizeKib, pages }] : [];
  },
);

const nodesOfSource = removed('the source’s NUMA nodes mean nothing on the target', () => [
  'memory nodemask dropped: the source’s NUMA nodes mean nothing on the target',
]);

/** Its size, what backs it, and devices that add to it. */
export const MEMORY: readonly Row[] = [
  ...rows('memory currentMemory maxMemory', travels),
  ...rows('memtune(hard_limit soft_limit swap_hard_limit min_guarantee)', travels),
  ...rows('memoryBacking(nosharepages locked source access allocation discard)', travels),
  ...rows(
    'memoryBacking/hugepages',
    needed('free huge pages for all of its memory', (hugepages) =>
      hugepages.getElementsByTagName('page').length > 0 ? [] : [{ kind: 'hugepages' }],
    ),
  ),
  ...rows(
    'memoryBacking/hugepages/page',
    needed('free huge pages of this size, for all of its memory if it is the only one', (page) => {
      const sizeKib = kibOf(page.getAttribute('size'), page.getAttribute('unit'));
      if (sizeKib <= ORDINARY_KIB) return [];
      const isForSome = all(page.parentNode as Element, 'page').length > 1;
      return [{ kind: 'hugepages', sizeKib, isForSome }];
    }),
  ),
  ...rows(`devices/memballoon(stats driver ${ABOUT})`, travels),
  ...rowsWhere('devices/memory', where('model', 'dimm', 'virtio-mem'), travels),
  ...rowsWhere(
    'devices/memory',
    where('model', 'nvdimm', 'virtio-pmem', 'sgx-epc'),
    refused('is kept in a file or device of this host', 'detach it first', {
      about: (memory) => `memory ${textOf(memory, 'source/path')}`.trim(),
    }),
  ),
  ...below('devices/memory', [
    ...rows(`uuid source(alignsize pmem) ${ABOUT}`, travels),
    ...rows('source/pagesize', pagesOfDevices),
    ...rows('source/nodemask', nodesOfSource),
    ...rows('target(address block current label(size) node readonly requested size)', travels),
    ...rows('source/path', carried('see its device')),
  ]),
];
