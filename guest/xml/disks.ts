/** Reads the `<disk>` elements of a domain. */
import type { Element } from '@xmldom/xmldom';
import { objection, type Objection } from '../../model/objection.js';
import { Disk } from '../../model/storage.js';
import { all, attributeOf, first } from './document.js';
import { known, partOf, unknown, type Part } from './reading.js';

/** Attributes by which a source names something; without any of them a drive is empty, whatever else it says (startupPolicy). */
const NAMING = ['file', 'dev', 'dir', 'name', 'protocol', 'pool', 'volume', 'type'];

/** Protocols of the kinds of volumes that drover moves, with their default ports (libvirt's formatdomain). */
const PORTS: Readonly<Record<string, number>> = { iscsi: 3260 };

/** A disk; nothing for an empty drive, which has nothing to move. */
export function readDisk(element: Element): Part<Disk> {
  const source = first(element, 'source');
  if (!source || !NAMING.some((name) => source.getAttribute(name))) return { objections: [] };
  const device = attributeOf(element, 'target', 'dev') ?? '?';
  const about = `disk ${device}`;
  const kind = element.getAttribute('type') ?? '';
  if (!['file', 'block', 'network'].includes(kind))
    return unknown(about, `is of type ${kind}, which drover cannot move yet`, SUPPORTED);
  const protocol = source.getAttribute('protocol') ?? '';
  if (kind === 'network' && !(protocol in PORTS))
    return unknown(about, `is a volume of ${protocol}, which drover cannot move yet`, SUPPORTED);
  const part = partOf(Disk, rawDisk(element, source, kind, device), about, SUPPORTED);
  return part.known ? known(part.known, objectionsTo(element, source, about)) : part;
}

const SUPPORTED = 'files (raw or qcow2) and iSCSI volumes are supported, see docs/hosts.md';

const rawDisk = (element: Element, source: Element, kind: string, device: string): unknown => ({
  device,
  format: attributeOf(element, 'driver', 'type') ?? 'raw',
  isReadOnly: first(element, 'readonly') !== undefined,
  isShareable: first(element, 'shareable') !== undefined,
  isRemovable: ['cdrom', 'floppy'].includes(element.getAttribute('device') ?? '') || undefined,
  isOptional: source.getAttribute('startupPolicy') === 'optional' || undefined,
  source: {
    kind,
    path: source.getAttribute(kind === 'block' ? 'dev' : 'file') ?? undefined,
    protocol: source.getAttribute('protocol') ?? undefined,
    name: source.getAttribute('name') ?? undefined,
    hosts: all(source, 'host').map((host) => ({
      name: host.getAttribute('name'),
      port: Number(
        host.getAttribute('port') ?? PORTS[source.getAttribute('protocol') ?? ''] ?? NaN,
      ),
    })),
  },
});

/** What a disk that can be read has that cannot travel. */
function objectionsTo(element: Element, source: Element, about: string): Objection[] {
  const has = (name: string) =>
    first(element, name) !== undefined || first(source, name) !== undefined;
  const rules: readonly (readonly [string, string, string])[] = [
    [
      'encryption',
      'is encrypted: its secret would have to be on the target',
      'drover cannot check that yet',
    ],
    ['auth', 'needs a secret that would have to be on the target', 'drover cannot check that yet'],
    ['transient', 'is transient: what it holds ends with the guest', 'drop <transient/> first'],
    ['dataStore', 'keeps its data in another file', 'convert it to a plain image first'],
  ];
  return rules.flatMap(([name, why, wayOut]) => (has(name) ? [objection(about, why, wayOut)] : []));
}
