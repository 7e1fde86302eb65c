/** Rows: disks, and what is below them. How each travels is decided by looking at it (activities/storage/handling.ts). */
import type { Element } from '@xmldom/xmldom';
import { formatThere, targetSourceOf, type Disk, type DiskSource } from '../../model/storage.js';
import { all, attributeOf, first, textOf } from '../xml/document.js';
import {
  carried,
  leftOut,
  refused,
  refusedIf,
  removed,
  rewritten,
  travels,
  type Rewrite,
} from './fate.js';
import { below, rows, rowsWhere, type Condition, type Row } from './rows.js';
import { attribute, needsOfPath } from './needing.js';
import { key, onlyLuks, password } from './secrets.js';
import { ABOUT, LIMITS, PLAIN_SOURCE } from './shapes.js';

/** Attributes by which a source names something; without any of them a drive is empty, whatever else it says (startupPolicy). */
const NAMING = ['file', 'dev', 'dir', 'name', 'protocol', 'pool', 'volume', 'type'];

/** True for a drive with nothing in it. */
export const isEmptyDrive = (disk: Element): boolean => {
  const source = first(disk, 'source');
  return !source || !NAMING.some((name) => source.getAttribute(name));
};

/** Protocols of the volumes that drover moves, with their default ports (libvirt's formatdomain); for RBD librados has them. */
export const PROTOCOLS: Readonly<Record<string, number>> = { iscsi: 3260, rbd: 0 };

/** What to use instead. */
export const SUPPORTED =
  'files (raw or qcow2), block devices, volumes of pools of files, iSCSI and RBD volumes are supported, see docs/hosts.md';

/** True for a disk of a kind that drover moves. */
export const isKnownDisk = (disk: Element): boolean => {
  const type = disk.getAttribute('type') ?? '';
  const protocol = attributeOf(disk, 'source', 'protocol') ?? '';
  return (
    ['file', 'block', 'volume'].includes(type) || (type === 'network' && protocol in PROTOCOLS)
  );
};

const known: Condition = {
  words: `empty, or type='file', 'block', 'volume' of a pool of files, or 'network' by ${Object.keys(PROTOCOLS).join(', ')}`,
  holds: (disk) => isEmptyDrive(disk) || isKnownDisk(disk),
};
const other: Condition = {
  words: 'any other type or protocol',
  holds: (disk) => !isEmptyDrive(disk) && !isKnownDisk(disk),
};

const elsewhere: Rewrite = (
  disk,
  { disks = [], ejected = [], areVolumesFiles: areFiles = false },
) => {
  const device = attributeOf(disk, 'target', 'dev');
  if (device !== undefined && ejected.includes(device)) return [empty(disk, device)];
  const known = disks.find((one) => one.device === device);
  const source = first(disk, 'source');
  if (!known || !source) return [];
  const pooled = disk.getAttribute('type') === 'volume' ? pool(disk, source, known, areFiles) : [];
  const placed = [...place(disk, source, known), ...reformat(disk, known)];
  if (placed.length === 0) return pooled;
  // It would name what lay below on the source; libvirt reads it from the image.
  all(disk, 'backingStore').forEach((chain) => chain.parentNode?.removeChild(chain));
  return placed.map((what) => `disk ${known.device}: ${what}`);
};

/** A drive without a medium. */
function empty(disk: Element, device: string): string {
  for (const child of [...all(disk, 'source'), ...all(disk, 'backingStore')])
    child.parentNode?.removeChild(child);
  disk.setAttribute('type', 'file');
  return `disk ${device}: empty`;
}

/** Before libvirt lists the volume there, it is the file that it is; where it is no volume there, it stays so. */
function pool(disk: Element, source: Element, known: Disk, areFiles: boolean): string[] {
  const to = targetSourceOf(known);
  if (to.kind !== 'file') return [];
  if (to.pool !== undefined && !areFiles) {
    if (source.getAttribute('pool') === to.pool) return [];
    source.setAttribute('pool', to.pool);
    return [`disk ${known.device}: pool ${to.pool}`];
  }
  ['pool', 'volume', 'mode'].forEach((name) => source.removeAttribute(name));
  disk.setAttribute('type', 'file');
  source.setAttribute('file', to.path);
  return [`disk ${known.device}: ${to.path}`];
}

/** A file that becomes a block device, or the other way round. */
function turn(disk: Element, source: Element, from: DiskSource, to: DiskSource): void {
  if (from.kind === to.kind || to.kind === 'network') return;
  disk.setAttribute('type', to.kind);
  ['file', 'dev', 'pool', 'volume', 'mode'].forEach((name) => source.removeAttribute(name));
}

const PATHS: Readonly<Record<string, string>> = { file: 'file', block: 'dev' };

function place(disk: Element, source: Element, { source: from, target: to }: Disk): string[] {
  if (!to) return [];
  turn(disk, source, from, to);
  // A file may be named as a device is: then it stays so.
  const type = disk.getAttribute('type') ?? '';
  if (to.kind === 'file' && type in PATHS) source.setAttribute(PATHS[type] ?? '', to.path);
  if (to.kind === 'block') source.setAttribute('dev', to.path);
  if (to.kind === 'network') source.setAttribute('name', to.name);
  return [to.kind === 'network' ? to.name : to.path];
}

/** Its copy is an image of another format. */
function reformat(disk: Element, known: Disk): string[] {
  const format = formatThere(known);
  if (format === known.format) return [];
  first(disk, 'driver')?.setAttribute('type', format);
  return [format];
}

const refusedKind = (disk: Element) => {
  const type = disk.getAttribute('type') ?? '';
  return type === 'network'
    ? `is a volume of ${attributeOf(disk, 'source', 'protocol') ?? ''}, which drover cannot move yet`
    : `is of type ${type}, which drover cannot move yet`;
};

const encryptedBelow = refused(
  'lies over an image that is encrypted by itself',
  'flatten it (qemu-img convert), or give the whole chain one encryption',
);
const passwordBelow = refused(
  'lies over a volume with a password of its own',
  'flatten it (qemu-img convert)',
);
const secretElsewhere = refused(
  'needs a key or a cookie of this host to be reached',
  'put it on storage that drover knows (docs/hosts.md)',
);
const sliced = refused('is a part of a larger file or device', 'convert it to an image of its own');
const reserved = refused('holds SCSI reservations of this host', 'drop <reservations> first');
/** The one who handed them over (virDomainFDAssociate) is a process of this host, and libvirt knows them until the guest ends. */
export const handedOver = refusedIf(
  'where it is a file that another process has opened (fdgroup)',
  (source) => {
    const group = source.getAttribute('fdgroup');
    if (!group) return [];
    const why = `is a file that another process has opened (fdgroup ${group}), which no other host has`;
    return [{ why, wayOut: 'name the file alone, without fdgroup (virsh edit)' }];
  },
);
const dataFile = refused('keeps its data in another file', 'convert it to a plain image first');

/** The encryption of a disk itself: the image travels as it is, and its key is libvirt's. */
const ENCRYPTION: readonly Row[] = [
  ...rows('encryption', onlyLuks),
  ...rows('encryption(cipher ivgen)', travels).filter(({ path }) => path !== 'encryption'),
  ...rows('encryption/secret', key),
];
/** How its volume is opened. */
const AUTH: readonly Row[] = [...rows('auth', travels), ...rows('auth/secret', password)];
/** What a source may have below it, wherever it stands, but for its encryption. */
const PLAIN: readonly Row[] = [
  ...rows(PLAIN_SOURCE, travels),
  ...rows('config', needsOfPath('file', 'the same file on the target', attribute('file'))),
  ...rows('cookies(cookie) ssl identity knownHosts', secretElsewhere),
  ...rows('slices(slice)', sliced),
  ...rows('reservations(source(reconnect))', reserved),
];

const SOURCE: readonly Row[] = [
  ...PLAIN,
  ...rows('encryption(cipher ivgen secret)', encryptedBelow),
  ...rows('auth(secret)', passwordBelow),
];

const format = rows('format(metadata_cache(max_size))', travels);
/** libvirt 10.10 has it; what is in it says nothing that its first element does not. */
const DATA_STORE: readonly Row[] = [
  ...rows('dataStore', dataFile),
  ...below('dataStore', [
    ...format,
    ...rows('source source/dataStore', dataFile),
    ...below('source', SOURCE),
  ]),
];
/** The same with a data file beside it. */
export const WITH_DATA_STORE: readonly Row[] = [...SOURCE, ...DATA_STORE];
const OF_DISK: readonly Row[] = [...PLAIN, ...ENCRYPTION, ...AUTH, ...DATA_STORE];

const chain = carried(
  'found by reading the images; files below a disk are compared or come with it',
);
const job = carried(
  'a job that runs keeps the guest there; both hosts are asked before anything is touched',
);

const deviceOfHost = removed('its path is a device of the source', (device) => [
  `blkiotune of ${textOf(device, 'path')} dropped: it is a device of the source`,
]);

/** Disks. */
export const DISKS: readonly Row[] = [
  ...rowsWhere(
    'devices/disk',
    known,
    rewritten(
      'shared, connected, copied or fetched, then compared; on another path where one is given',
      elsewhere,
    ),
  ),
  ...rowsWhere(
    'devices/disk',
    other,
    refusedIf('drover cannot move it yet', (disk) => [
      { why: refusedKind(disk), wayOut: SUPPORTED },
    ]),
  ),
  ...below('devices/disk', [
    ...rows('source', carried('see its disk')),
    ...rows('source backingStore/source mirror/source mirror/backingStore/source', handedOver),
    ...below('source', OF_DISK),
    ...rows('backingStore', chain),
    ...below('backingStore', [
      ...format,
      ...rows('source', chain),
      ...below('source', WITH_DATA_STORE),
    ]),
    ...rows('mirror', job),
    ...below('mirror', [...format, ...rows('source', job), ...below('source', WITH_DATA_STORE)]),
    ...rows('mirror/backingStore', job),
    ...below('mirror/backingStore', [
      ...format,
      ...rows('source', job),
      ...below('source', WITH_DATA_STORE),
    ]),
    ...ENCRYPTION,
    ...AUTH,
    ...rows(
      'transient',
      refused('is transient: what it holds ends with the guest', 'drop <transient/> first'),
    ),
    ...rows(
      'driver(metadata_cache(max_size) iothreads(iothread(queue))) target blockio geometry boot',
      travels,
    ),
    ...rows(`iotune(${LIMITS}) throttlefilters(throttlefilter)`, travels),
    ...rows(`readonly shareable serial wwn vendor product privateData ${ABOUT}`, travels),
    ...rows('backenddomain', refused('is served by another domain', 'attach it from its host')),
  ]),
  ...rows(`throttlegroups(throttlegroup(${LIMITS}))`, travels),
  ...rows('blkiotune(weight)', travels),
  ...rows('blkiotune/device', deviceOfHost),
  ...below(
    'blkiotune/device',
    rows('path weight read_bytes_sec write_bytes_sec read_iops_sec write_iops_sec', leftOut),
  ),
];
