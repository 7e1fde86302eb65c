/** Rows: character devices, through which others reach the guest. What it shows and plays is in screens.ts. */
import type { Element } from '@xmldom/xmldom';
import { present } from '../../model/defined.js';
import { all, first } from '../xml/document.js';
import { carried, needed, refused, rewritten, travels, type Rewrite } from './fate.js';
import { attribute, needsOfPath, writesIntoSystem } from './needing.js';
import { below, rows, rowsWhere, where, type Condition, type Row } from './rows.js';
import { ABOUT, CHARDEV } from './shapes.js';

/** True for what is an address of every host, or of none but itself. */
export const isAnyAddress = (address: string | null | undefined): boolean =>
  address == null ||
  address === '' ||
  address === '0.0.0.0' ||
  address === '::' ||
  /^(?:127\.|::1$)/.test(address);

/** Where a character device waits for others; over UDP it has a second source, to which it sends. */
const bindingOf = (device: Element): Element | undefined =>
  all(device, 'source').find((source) => source.getAttribute('mode') === 'bind');

const bound: Rewrite = (element, { listenAddress }) => {
  const source = bindingOf(element);
  const host = source?.getAttribute('host');
  if (!source || isAnyAddress(host)) return [];
  const there = listenAddress?.(host ?? '');
  if (there === undefined || there === host) return [];
  source.setAttribute('host', there);
  const over = (element.getAttribute('type') ?? '').toUpperCase();
  return [`${element.localName ?? ''} over ${over}: listens on ${there}`];
};

const serves = needed(
  'its port, free, and an address in the network in which it listens',
  (device) => {
    const source = bindingOf(device);
    if (!source) return [];
    const host = source.getAttribute('host');
    const port = Number(source.getAttribute('service') ?? NaN);
    const isTcp = device.getAttribute('type') === 'tcp';
    return present([
      isTcp && port > 0 ? { kind: 'port', port } : undefined,
      isAnyAddress(host) ? undefined : { kind: 'listen', address: host ?? '' },
    ] as const);
  },
);

const connects = needed('where it connects to its own host, the server there', (device) => {
  const source = first(device, 'source');
  const host = source?.getAttribute('host') ?? '';
  const port = Number(source?.getAttribute('service') ?? NaN);
  const isOwn = /^(?:127\.|::1$|localhost$)/.test(host);
  if (source?.getAttribute('mode') !== 'connect' || !isOwn || !(port > 0)) return [];
  return [{ kind: 'server', port }];
});

/** What the start would empty, or take from who listens there. */
const isAppended = (element: Element): boolean => element.getAttribute('append') === 'on';
const fileOf = (element: Element): string | null =>
  element.getAttribute('path') ?? element.getAttribute('file');
export const NOTHING_THERE = 'nothing at its path: the start would empty or replace it';
const emptied = needsOfPath('new file', NOTHING_THERE, (element) =>
  isAppended(element) ? null : fileOf(element),
);
const appended = needsOfPath(
  'appended file',
  'no other guest’s file at its path: it would be added to',
  (element) => (isAppended(element) ? fileOf(element) : null),
);
/** No `append` keeps what is in a socket's way. */
export const replaced = needsOfPath('new file', NOTHING_THERE, attribute('path'));
const isSocket = (mode: 'bind' | 'connect'): Condition => ({
  words: `of unix, mode='${mode}'`,
  holds: (source) => typeOf(source) === 'unix' && (source.getAttribute('mode') ?? 'bind') === mode,
});

/** Where the output goes, or input comes from, by the type of the device or backend that has the source. */
const sourcePath = (source: Element): string | null => source.getAttribute('path');
const typeOf = (element: Element): string =>
  (element.parentNode as Element | null)?.getAttribute('type') ?? '';
const ofType = (...types: readonly string[]): Condition => ({
  words: `of ${types.join(', ')}`,
  holds: (source) => types.includes(typeOf(source)),
});

/** Where it listens, or who has to. */
const servingAt = (path: string): Row[] => [
  ...rowsWhere(path, where('type', 'pty'), carried('the target makes its own')),
  ...rowsWhere(
    path,
    where('type', 'tcp', 'udp'),
    rewritten('a server of the guest’s listens on the target’s address of the same network', bound),
  ),
  ...rowsWhere(path, where('type', 'tcp', 'udp'), serves),
  ...rowsWhere(path, where('type', 'tcp'), connects),
];

/** Below it, where its output goes and its input comes from. */
const SOURCES: readonly Row[] = [
  ...rowsWhere(
    'source',
    ofType('pty', 'null', 'vc', 'stdio', 'spicevmc', 'spiceport'),
    carried('the target makes its own'),
  ),
  ...rowsWhere(
    'source',
    ofType('file', 'nmdm'),
    needsOfPath('folder', 'its folder; what was written before stays on the source', sourcePath),
  ),
  ...rowsWhere('source', ofType('file'), emptied),
  ...rowsWhere('source', ofType('file'), appended),
  ...rowsWhere('source', ofType('file', 'unix', 'pipe'), writesIntoSystem(sourcePath)),
  ...rowsWhere('source', ofType('pipe'), needsOfPath('fifo', 'its FIFOs', sourcePath)),
  ...rowsWhere('source', isSocket('bind'), needsOfPath('folder', 'its folder', sourcePath)),
  ...rowsWhere('source', isSocket('bind'), replaced),
  ...rowsWhere(
    'source',
    isSocket('connect'),
    needsOfPath('anything', 'the socket of its server', sourcePath),
  ),
  ...rowsWhere('source', ofType('dev'), needsOfPath('device', 'the same device', sourcePath)),
  ...rows(
    'log',
    needsOfPath(
      'folder',
      'its folder; what was written before stays on the source',
      attribute('file'),
    ),
  ),
  ...rows('log', emptied),
  ...rows('log', appended),
  ...rows('log', writesIntoSystem(attribute('file'))),
];

/** Character devices. */
const ofCharacters = (path: string): Row[] => [
  ...rows(path, travels),
  ...servingAt(path),
  ...below(path, [
    ...rows(`target(model) ${ABOUT}`, travels),
    ...rows(CHARDEV, travels),
    ...SOURCES,
  ]),
];

/** What a backend that is a character device itself has of one: EGD of a random number generator. */
export const ofBackend = (path: string): Row[] => [
  ...servingAt(path),
  ...below(path, [...rows(CHARDEV, travels), ...SOURCES]),
];

/** Serial ports, consoles, channels, smart cards. */
export const CONSOLES: readonly Row[] = [
  ...['serial', 'parallel', 'console', 'channel', 'redirdev', 'smartcard'].flatMap((name) =>
    ofCharacters(`devices/${name}`),
  ),
  ...rows('devices/redirdev/boot devices/redirfilter(usbdev)', travels),
  ...rowsWhere(
    'devices/smartcard',
    where('mode', 'host', 'host-certificates'),
    refused('reads a card or certificates of this host', 'detach it first'),
  ),
  ...rows('devices/smartcard/certificate', travels),
  ...rows('devices/smartcard/database', carried('see its device')),
];
