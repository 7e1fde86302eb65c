/** Reads the `<disk>` elements of a domain. */
import type { Element } from '@xmldom/xmldom';
import { Disk } from '../../model/storage.js';
import { objection } from '../../model/objection.js';
import { isEmptyDrive, isKnownDisk, PROTOCOLS, SUPPORTED } from '../account/disks.js';
import { secretRefOf } from '../account/secrets.js';
import { all, attributeOf, first } from './document.js';
import { partOf, type Part } from './reading.js';

/** A pool of the host's: whether its volumes are files, and where. */
export interface PoolFolder {
  readonly name: string;
  readonly folder: string;
  readonly isOfFiles: boolean;
}

/** A disk; nothing for an empty drive, which has nothing to move, and for one of a kind that the account refuses. */
export function readDisk(element: Element, pools: readonly PoolFolder[]): Part<Disk> {
  const source = first(element, 'source');
  if (!source || isEmptyDrive(element) || !isKnownDisk(element)) return { objections: [] };
  const device = attributeOf(element, 'target', 'dev') ?? '?';
  const kind = element.getAttribute('type') ?? '';
  if (kind === 'volume') {
    const file = fileInPool(source, pools);
    if ('why' in file) return { objections: [objection(`disk ${device}`, file.why, file.wayOut)] };
    const raw = { ...rawDisk(element, source, 'file', device), source: { kind: 'file', ...file } };
    return partOf(Disk, raw, `disk ${device}`, SUPPORTED);
  }
  return partOf(Disk, rawDisk(element, source, kind, device), `disk ${device}`, SUPPORTED);
}

/** A password that has no secret of libvirt's is none that drover knows. */
function authOf(disk: Element, source: Element): unknown {
  const auth = first(source, 'auth') ?? first(disk, 'auth');
  const secret = auth && first(auth, 'secret');
  if (!auth || !secret) return undefined;
  const usage = secret.getAttribute('type') === 'ceph' ? 'ceph' : 'iscsi';
  return { user: auth.getAttribute('username') ?? '', secret: secretRefOf(usage, secret) };
}

/** The file behind a volume: where its pool is a folder, the volume's name is the file's. */
function fileInPool(
  source: Element,
  pools: readonly PoolFolder[],
): { path: string; pool: string } | { why: string; wayOut: string } {
  const [name, volume] = ['pool', 'volume'].map((key) => source.getAttribute(key) ?? '') as [
    string,
    string,
  ];
  const pool = pools.find((one) => one.name === name);
  if (!pool)
    return {
      why: `is ${volume} of the pool ${name}, which is not there`,
      wayOut: 'virsh pool-list',
    };
  return pool.isOfFiles
    ? { path: `${pool.folder}/${volume}`, pool: name }
    : {
        why: `is ${volume} of the pool ${name}, which is no pool of files: drover cannot move it yet`,
        wayOut: SUPPORTED,
      };
}

const rawDisk = (element: Element, source: Element, kind: string, device: string) => ({
  device,
  format: attributeOf(element, 'driver', 'type') ?? 'raw',
  isReadOnly: first(element, 'readonly') !== undefined,
  isShareable: first(element, 'shareable') !== undefined,
  isRemovable: ['cdrom', 'floppy'].includes(element.getAttribute('device') ?? '') || undefined,
  isEncrypted: [element, source].some((at) => first(at, 'encryption') !== undefined) || undefined,
  isOptional: source.getAttribute('startupPolicy') === 'optional' || undefined,
  source: {
    kind,
    path: source.getAttribute(kind === 'block' ? 'dev' : 'file') ?? undefined,
    protocol: source.getAttribute('protocol') ?? undefined,
    name: source.getAttribute('name') ?? undefined,
    auth: authOf(element, source),
    snapshot: attributeOf(source, 'snapshot', 'name'),
    config: attributeOf(source, 'config', 'file'),
    hosts: all(source, 'host').map((host) => ({
      name: host.getAttribute('name'),
      port: Number(
        host.getAttribute('port') ?? PROTOCOLS[source.getAttribute('protocol') ?? ''] ?? NaN,
      ),
    })),
  },
});
