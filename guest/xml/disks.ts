/** Reads the `<disk>` elements of a domain. */
import type { Element } from '@xmldom/xmldom';
import { Disk } from '../../model/storage.js';
import { isEmptyDrive, isKnownDisk, PROTOCOLS, SUPPORTED } from '../account/disks.js';
import { secretRefOf } from '../account/secrets.js';
import { all, attributeOf, first } from './document.js';
import { partOf, type Part } from './reading.js';

/** A disk; nothing for an empty drive, which has nothing to move, and for one of a kind that the account refuses. */
export function readDisk(element: Element): Part<Disk> {
  const source = first(element, 'source');
  if (!source || isEmptyDrive(element) || !isKnownDisk(element)) return { objections: [] };
  const device = attributeOf(element, 'target', 'dev') ?? '?';
  const kind = element.getAttribute('type') ?? '';
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

const rawDisk = (element: Element, source: Element, kind: string, device: string): unknown => ({
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
    hosts: all(source, 'host').map((host) => ({
      name: host.getAttribute('name'),
      port: Number(
        host.getAttribute('port') ?? PROTOCOLS[source.getAttribute('protocol') ?? ''] ?? NaN,
      ),
    })),
  },
});
