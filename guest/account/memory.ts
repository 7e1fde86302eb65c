/** Rows: the guest's memory. */
import type { Element } from '@xmldom/xmldom';
import { all, textOf } from '../xml/document.js';
import { carried, needed, refused, travels } from './fate.js';
import { below, rows, rowsWhere, where, type Row } from './rows.js';
import { ABOUT } from './shapes.js';

/** Units that libvirt takes for a page's size (formatdomain: "memoryBacking"). */
const KIB: Readonly<Record<string, number>> = {
  k: 1,
  KiB: 1,
  M: 1024,
  MiB: 1024,
  G: 1024 ** 2,
  GiB: 1024 ** 2,
};

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
      const unit = KIB[page.getAttribute('unit') ?? 'KiB'] ?? 1;
      const sizeKib = Number(page.getAttribute('size')) * unit;
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
    ...rows(`uuid source(alignsize nodemask pagesize pmem) ${ABOUT}`, travels),
    ...rows('target(address block current label(size) node readonly requested size)', travels),
    ...rows('source/path', carried('see its device')),
  ]),
];
