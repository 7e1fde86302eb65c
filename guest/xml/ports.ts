/** Reads the `<interface>` elements of a domain. */
import type { Element } from '@xmldom/xmldom';
import { Port } from '../../model/network.js';
import { all, attributeOf } from './document.js';
import { partOf, type Part } from './reading.js';
import { isKnownPort, WAY_OUT } from '../account/interfaces.js';

/**
 * A port; nothing for one of a kind that the account refuses. Sample of a running guest's on a libvirt network, whose type may be said as `bridge` (libvirt 9.0):
 * `<interface type='bridge'><mac address='…'/><source network='lan' portid='…' bridge='br0'/><target dev='vnet5'/></interface>`
 */
export function readPort(element: Element, metadata: Element | undefined): Part<Port> {
  const mac = attributeOf(element, 'mac', 'address')?.toLowerCase();
  if (!isKnownPort(element)) return { objections: [] };
  const extra =
    metadata &&
    all(metadata, 'port').find((port) => port.getAttribute('mac')?.toLowerCase() === mac);
  const raw = {
    mac,
    bridge: attributeOf(element, 'source', 'bridge'),
    network: attributeOf(element, 'source', 'network'),
    portgroup: attributeOf(element, 'source', 'portgroup'),
    tap: attributeOf(element, 'target', 'dev') ?? 'none',
    ip: extra?.getAttribute('ip') ?? undefined,
    groups: (extra?.getAttribute('groups') ?? '').split(/[ ,]+/).filter(Boolean),
  };
  return partOf(Port, raw, `interface ${mac ?? '?'}`, WAY_OUT);
}
