/** Reads the `<interface>` elements of a domain. */
import type { Element } from '@xmldom/xmldom';
import { Port } from '../../model/network.js';
import { all, attributeOf, first } from './document.js';
import { partOf, unknown, type Part } from './reading.js';

const WAY_OUT = 'detach it first; Linux bridges and libvirt networks on them are supported';

/**
 * A port. Sample of a running guest's on a libvirt network, whose type may be said as `bridge` (libvirt 9.0):
 * `<interface type='bridge'><mac address='…'/><source network='lan' portid='…' bridge='br0'/><target dev='vnet5'/></interface>`
 */
export function readPort(element: Element, metadata: Element | undefined): Part<Port> {
  const mac = attributeOf(element, 'mac', 'address')?.toLowerCase();
  const type = element.getAttribute('type') ?? '';
  const about = `interface ${mac ?? '?'}`;
  const switched = first(element, 'virtualport')?.getAttribute('type');
  if (!['bridge', 'network'].includes(type) || switched) {
    const what = switched ? `is on an ${switched} switch` : `is of type ${type}`;
    return unknown(about, `${what}, which drover cannot move yet`, WAY_OUT);
  }
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
  return partOf(Port, raw, about, WAY_OUT);
}
