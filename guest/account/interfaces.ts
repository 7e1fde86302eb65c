/** Rows: network interfaces. */
import type { Element } from '@xmldom/xmldom';
import { targetTap } from '../../model/network.js';
import type { Need } from '../../model/need.js';
import { all, append, attributeOf, first } from '../xml/document.js';
import {
  carried,
  needed,
  refused,
  refusedIf,
  rewritten,
  travels,
  type Refusal,
  type Rewrite,
} from './fate.js';
import { attribute, needsOfPath } from './needing.js';
import { below, rows, rowsWhere, where, type Row } from './rows.js';
import { ABOUT } from './shapes.js';

/** What to use instead. */
export const WAY_OUT =
  'detach it first; Linux bridges, libvirt networks on them, Open vSwitch bridges, macvtap and user networks are supported';

/** libvirt runs it, as root, each time that the guest starts (S6). */
const runsAsRoot = refusedIf('which the host runs as root', (script) => [
  {
    about: `${script.localName ?? 'script'} ${script.getAttribute('path') ?? ''}`,
    why: 'is a program that the host runs as root when the guest starts',
    wayOut: 'take it out of the interface (virsh edit)',
    accept: 'interface-script',
  },
]);

/** Types of libvirt's that drover knows and does not move yet. */
const OTHERS = [
  'ethernet',
  'hostdev',
  'vhostuser',
  'vdpa',
  'udp',
  'mcast',
  'server',
  'client',
  'internal',
  'null',
  'vds',
];

const macOf = (element: Element): string =>
  attributeOf(element, 'mac', 'address')?.toLowerCase() ?? '?';

const attached: Rewrite = (element, { ports }) => {
  const mac = macOf(element);
  const to = ports.find((port) => port.mac === mac)?.target;
  if (!to) return [];
  const source = first(element, 'source') ?? append(element, 'source');
  ['bridge', 'network', 'portid', 'portgroup'].forEach((name) => source.removeAttribute(name));
  element.setAttribute('type', to.network === undefined ? 'bridge' : 'network');
  if (to.network !== undefined) source.setAttribute('network', to.network);
  else if (to.bridge !== undefined) source.setAttribute('bridge', to.bridge);
  return [`interface ${mac}: on ${to.network ?? to.bridge ?? 'nothing'}`];
};

/** The security groups' rules stand on the target under this name before the tap does. */
const tapped: Rewrite = (element, { ports }) => {
  const mac = macOf(element);
  const port = ports.find((candidate) => candidate.mac === mac);
  if (!port) return [];
  const tap = targetTap(port.mac);
  const target = first(element, 'target') ?? append(element, 'target');
  if (target.getAttribute('dev') === tap) return [];
  target.setAttribute('dev', tap);
  return [`interface ${port.mac}: tap ${tap}`];
};

/** What such an interface hangs on, with what an operator finds it by. */
function ofAnotherKind(element: Element): Refusal[] {
  const type = element.getAttribute('type') ?? '';
  const source = first(element, 'source');
  const at = ['dev', 'path', 'network', 'name'].flatMap((name) => source?.getAttribute(name) ?? []);
  const where = at.length > 0 ? ` (${at.join(' ')})` : '';
  return [{ why: `is of type ${type}${where}, which drover cannot move yet`, wayOut: WAY_OUT }];
}

const OPEN_VSWITCH = 'openvswitch';

const switched = refusedIf('where it is on a switch of another kind than Open vSwitch', (port) => {
  const type = port.getAttribute('type');
  return type && type !== OPEN_VSWITCH
    ? [{ why: `is on an ${type} switch, which drover cannot move yet`, wayOut: WAY_OUT }]
    : [];
});

const isSwitched = (port: Element): boolean =>
  attributeOf(port, 'virtualport', 'type') === OPEN_VSWITCH;

const onSwitchedNetwork = refusedIf('where that network is an Open vSwitch', (port) =>
  isSwitched(port)
    ? [
        {
          why: `is on the network ${attributeOf(port, 'source', 'network') ?? ''} of an Open vSwitch, which drover cannot move yet`,
          wayOut: 'name the bridge itself (virsh edit)',
        },
      ]
    : [],
);

/** libvirt hangs it into the switch itself, with its id and its VLANs, on both hosts. */
const onSwitch = needed('an Open vSwitch bridge of that name; its address, free', (port): Need[] =>
  isSwitched(port)
    ? [
        { kind: 'switch', name: attributeOf(port, 'source', 'bridge') ?? '' },
        { kind: 'mac', mac: macOf(port) },
      ]
    : [],
);

const filtered = needed('a network filter of the same name', (filter) => [
  { kind: 'nwfilter', name: filter.getAttribute('filter') ?? '' },
]);

const ofHostDevice = needed(
  'a device of the same name that takes a macvtap; its address, free',
  (port): Need[] => {
    const device = attributeOf(port, 'source', 'dev') ?? '';
    return [
      { kind: 'path', is: 'anything', path: `/sys/class/net/${device}` },
      {
        kind: 'macvtap',
        device,
        mode: attributeOf(port, 'source', 'mode') ?? 'vepa',
        mac: macOf(port),
      },
      { kind: 'mac', mac: macOf(port) },
    ];
  },
);

/** Rules stand on a Linux bridge: an interface that passes it by has none. */
const ungrouped = refusedIf('where it has security groups, which need a Linux bridge', (port) => {
  const root = port.ownerDocument?.documentElement;
  const told = root ? all(root, 'metadata/vm/port') : [];
  const mine = told.find((one) => one.getAttribute('mac')?.toLowerCase() === macOf(port));
  const isBridged = ON_BRIDGE.holds(port) && !isSwitched(port);
  return mine?.getAttribute('groups') && !isBridged
    ? [{ why: 'has security groups, which need a Linux bridge', wayOut: 'put it on a bridge' }]
    : [];
});

/** Its state is in a process of its own, which QEMU does not send. */
const passt = refusedIf('where passt is its backend', (port) =>
  attributeOf(port, 'backend', 'type') === 'passt'
    ? [{ why: 'is served by passt, whose connections stay on the source', wayOut: 'move it cold' }]
    : [],
);

const ON_BRIDGE = where('type', 'bridge', 'network');

/** True for an interface of a kind that drover moves. */
export const isKnownPort = (element: Element): boolean =>
  ON_BRIDGE.holds(element) && !first(element, 'virtualport')?.getAttribute('type');

/** Network interfaces: each target has the bridge, or a network of that name, or the move is refused. */
export const INTERFACES: readonly Row[] = [
  ...rowsWhere(
    'devices/interface',
    ON_BRIDGE,
    rewritten('on another bridge or network where one is given', attached),
  ),
  ...rowsWhere(
    'devices/interface',
    ON_BRIDGE,
    rewritten('its tap gets a name by its MAC, which the rules know beforehand', tapped),
  ),
  ...rowsWhere('devices/interface', where('type', 'direct'), ofHostDevice),
  ...rowsWhere(
    'devices/interface',
    where('type', 'bridge', 'network', 'direct', 'user'),
    ungrouped,
  ),
  ...rowsWhere('devices/interface', where('type', 'bridge'), onSwitch),
  ...rowsWhere('devices/interface', where('type', 'network'), onSwitchedNetwork),
  ...rowsWhere('devices/interface', where('type', 'user'), passt, travels),
  ...rowsWhere(
    'devices/interface',
    where('type', ...OTHERS),
    refusedIf('drover cannot move it yet', ofAnotherKind),
  ),
  ...below('devices/interface', [
    ...rows('source', carried('see its interface')),
    ...below('source', rows('address vendor product local reconnect ip route', travels)),
    ...rows('virtualport', switched),
    ...rows('virtualport/parameters', travels),
    ...rows('filterref', filtered),
    ...rows('filterref/parameter', travels),
    ...rows('script downscript', runsAsRoot),
    ...rows('script downscript', needsOfPath('same file', 'the same script', attribute('path'))),
    ...rows('rom', needsOfPath('same file', 'the same ROM file, by checksum', attribute('file'))),
    ...rows('backend', needsOfPath('anything', 'the same device', attribute('tap'))),
    ...rows('backend', needsOfPath('anything', 'the same device', attribute('vhost'))),
    ...rows('backend', needsOfPath('folder', 'the folder of its log', attribute('logFile'))),
    ...rows(
      'backend',
      needsOfPath('new file', 'no log yet: it is begun anew', attribute('logFile')),
    ),
    ...rows(`mac target model driver(host guest) mtu link boot teaming guest ${ABOUT}`, travels),
    ...rows('port ip route tune(sndbuf) bandwidth(inbound outbound)', travels),
    ...rows('coalesce(rx(frames)) vlan(tag) portForward(range)', travels),
    ...rows(
      'backenddomain',
      refused('is served by another domain', 'attach it to its host’s bridge'),
    ),
  ]),
];
