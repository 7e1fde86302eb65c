/** Rows: what is of one host and has no counterpart on another. */
import type { Element } from '@xmldom/xmldom';
import { attributeOf, first, textOf } from '../xml/document.js';
import { carried, refused, refusedIf, type Refusal } from './fate.js';
import { rows, below, type Row } from './rows.js';
import { ABOUT } from './shapes.js';

/** Where the device is on its host: `pci 0000:01:00.0`, `usb 046d:c52b`, `mdev UUID`. */
function addressOf(device: Element): string {
  const type = device.getAttribute('type') ?? 'device';
  const address = first(device, 'source/address');
  const hex = (name: string) => address?.getAttribute(name)?.replace(/^0x/, '') ?? '';
  if (type === 'pci') return `pci ${hex('domain')}:${hex('bus')}:${hex('slot')}.${hex('function')}`;
  const uuid = address?.getAttribute('uuid');
  if (uuid) return `${type} ${uuid}`;
  const vendor = attributeOf(device, 'source/vendor', 'id')?.replace(/^0x/, '');
  const product = attributeOf(device, 'source/product', 'id')?.replace(/^0x/, '');
  return vendor && product ? `${type} ${vendor}:${product}` : type;
}

const ofThisHost = (device: Element): Refusal[] => [
  {
    about: `hostdev ${addressOf(device)}`,
    why: 'is a device of this host',
    wayOut: 'detach it first',
  },
];

const part = carried('see its device');

/** Passed-through devices, shared folders and memory, leases. */
export const HOST_DEVICES: readonly Row[] = [
  ...rows('devices/hostdev', refusedIf('a device of this host', ofThisHost)),
  ...below('devices/hostdev', [
    ...rows('source(adapter(parentaddr(address)) address auth(secret) block char host)', part),
    ...rows('source/initiator source/initiator/iqn source/interface source/product', part),
    ...rows(`source/vendor boot driver ip readonly rom route shareable teaming ${ABOUT}`, part),
  ]),
  ...rows(
    'devices/filesystem',
    refused('shares a folder of this host with the guest', 'detach it first', {
      about: (device) => `filesystem ${attributeOf(device, 'source', 'dir') ?? ''}`.trim(),
    }),
  ),
  ...below('devices/filesystem', [
    ...rows('binary(cache lock sandbox thread_pool openfiles) idmap(uid gid) boot driver', part),
    ...rows(`readonly source space_hard_limit space_soft_limit target ${ABOUT}`, part),
  ]),
  ...rows(
    'devices/shmem',
    refused('shares memory with others on this host', 'detach it first', {
      about: (device) => `shmem ${device.getAttribute('name') ?? ''}`.trim(),
    }),
  ),
  ...below('devices/shmem', rows(`model msi server size ${ABOUT}`, part)),
  ...rows(
    'devices/lease',
    refused('holds a lease of a lock manager of this host', 'detach it first', {
      about: (lease) => `lease ${textOf(lease, 'key')}`.trim(),
    }),
  ),
  ...below('devices/lease', rows('lockspace key target', part)),
];
