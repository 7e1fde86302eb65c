/** Rows: consoles, screens, sound, and what else reaches the guest from outside. */
import type { Element } from '@xmldom/xmldom';
import { present } from '../../model/defined.js';
import { all, first } from '../xml/document.js';
import { carried, needed, refused, refusedIf, rewritten, travels, type Rewrite } from './fate.js';
import { attribute, needsOfPath, writesIntoSystem } from './needing.js';
import { below, rows, rowsWhere, where, type Condition, type Row } from './rows.js';
import { ABOUT, CHARDEV } from './shapes.js';

const isAnyAddress = (address: string | null | undefined): boolean =>
  address == null ||
  address === '' ||
  address === '0.0.0.0' ||
  address === '::' ||
  /^(?:127\.|::1$)/.test(address);

/** The one address that a console listens on; libvirt finds that of a network or a socket itself, on each host. */
function addressOf(graphics: Element): string | undefined {
  const on = graphics.getAttribute('listen');
  const isOther = all(graphics, 'listen').some((one) => one.getAttribute('type') !== 'address');
  return isOther || isAnyAddress(on) ? undefined : (on ?? undefined);
}

/** On the target it listens on that host's address in the same network. */
const listening: Rewrite = (element, { listenAddress }) => {
  const on = addressOf(element);
  const there = on === undefined ? undefined : listenAddress?.(on);
  if (there === undefined || there === on) return [];
  element.setAttribute('listen', there);
  all(element, 'listen').forEach((listen) => {
    if (listen.getAttribute('type') === 'address') listen.setAttribute('address', there);
  });
  return [`graphics ${element.getAttribute('type') ?? ''}: listens on ${there}`];
};

const listens = needed('an address in the network in which its console listens', (graphics) => {
  const address = addressOf(graphics);
  return address === undefined ? [] : [{ kind: 'listen', address }];
});

/** The port of the source may be taken on the target. */
const portOfTarget: Rewrite = (element) => {
  ['port', 'tlsPort', 'websocket'].forEach((name) => {
    element.removeAttribute(name);
  });
  return [];
};

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
const NOTHING_THERE = 'nothing at its path: the start would empty or replace it';
const emptied = needsOfPath('new file', NOTHING_THERE, (element) =>
  isAppended(element) ? null : fileOf(element),
);
const appended = needsOfPath(
  'appended file',
  'no other guest’s file at its path: it would be added to',
  (element) => (isAppended(element) ? fileOf(element) : null),
);
/** No `append` keeps what is in a socket's way. */
const replaced = needsOfPath('new file', NOTHING_THERE, attribute('path'));
/** QEMU, or libvirt before it, takes away what is there. */
const replacedByConsole = needsOfPath('new file', NOTHING_THERE, attribute('socket'));
const isSocket = (mode: 'bind' | 'connect'): Condition => ({
  words: `of unix, mode='${mode}'`,
  holds: (source) => typeOf(source) === 'unix' && (source.getAttribute('mode') ?? 'bind') === mode,
});

const IS_ADDRESS = /^[\d.]+$|:/;
/** Each host resolves a name for itself, and the target's libvirt cannot listen on another host's address. */
const listensOnName = refusedIf(
  'where it listens on a name, which each host resolves itself',
  (graphics) => {
    const on = addressOf(graphics);
    if (on === undefined || IS_ADDRESS.test(on)) return [];
    return [
      {
        why: `listens on the name ${on}, which each host resolves for itself`,
        wayOut: 'let it listen on an address, or on all of them (virsh edit)',
        accept: 'listen-name',
      },
    ];
  },
);

const isOnBus = (graphics: Element): boolean =>
  graphics.getAttribute('type') === 'dbus' && graphics.hasAttribute('address');

const fixedPorts = needed('its port, free', (graphics) =>
  graphics.getAttribute('autoport') === 'yes'
    ? []
    : ['port', 'tlsPort', 'websocket'].flatMap((name) => {
        const port = Number(graphics.getAttribute(name) ?? NaN);
        return port > 0 ? [{ kind: 'port' as const, port }] : [];
      }),
);

const renderNode = needsOfPath('device', 'the device that renders', attribute('rendernode'));
const renders: Condition = {
  words: "enable='yes'",
  holds: (gl) => gl.getAttribute('enable') === 'yes',
};
const accelerated: Condition = {
  words: "accel3d='yes'",
  holds: (acceleration) => acceleration.getAttribute('accel3d') === 'yes',
};
const renderedLive = refused(
  'renders with a GPU of this host, whose state QEMU cannot send',
  'move it cold, or turn it off (virsh edit)',
);

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

/** Consoles, channels, graphics, sound. */
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
  ...rows(
    'devices/graphics',
    rewritten('a console listens on the target’s address of the same network', listening),
  ),
  ...rowsWhere(
    'devices/graphics',
    where('type', 'sdl', 'desktop'),
    refused('is a window on a screen of this host', 'give it a VNC or SPICE console (virsh edit)'),
  ),
  ...rowsWhere(
    'devices/graphics',
    {
      words: "type='dbus' with an address",
      holds: isOnBus,
      sample: { type: 'dbus', address: 'x' },
    },
    refused('talks to a bus of this host', 'drop its address: libvirt starts a bus of its own'),
  ),
  ...rowsWhere(
    'devices/graphics',
    where('autoport', 'yes'),
    rewritten('the target chooses its port', portOfTarget),
  ),
  ...rows('devices/graphics', listens),
  ...rows('devices/graphics', listensOnName),
  ...rows('devices/graphics', fixedPorts),
  ...rows(
    'devices/graphics',
    needsOfPath('folder', 'the folder of its socket', attribute('socket')),
  ),
  ...rows('devices/graphics', replacedByConsole),
  ...below('devices/graphics', [
    ...rows('listen', travels),
    ...rows('listen', needsOfPath('folder', 'the folder of its socket', attribute('socket'))),
    ...rows('listen', replacedByConsole),
    ...rowsWhere(
      'listen',
      where('type', 'network'),
      needed('a network of that name, active', (listen) => [
        { kind: 'network', name: listen.getAttribute('network') ?? '' },
      ]),
    ),
    ...rows('gl', travels),
    ...rowsWhere('gl', renders, renderedLive, renderNode),
    ...rows(
      'channel image jpeg zlib playback streaming clipboard mouse filetransfer audio',
      travels,
    ),
  ]),
  ...rows(`devices/video(model(acceleration resolution) ${ABOUT})`, travels),
  ...rowsWhere('devices/video/model/acceleration', accelerated, renderedLive, travels),
  ...rows('devices/video/driver', travels),
  ...rows(`devices/sound(codec audio driver ${ABOUT})`, travels),
  ...rows('devices/audio', travels),
  ...rowsWhere('devices/audio', where('type', 'file'), replaced),
  ...rows('devices/audio(input(settings) output(settings))', travels),
  ...rows(
    'devices/audio',
    refusedIf('where a device or server of this host plays it', (audio) => {
      const type = audio.getAttribute('type') ?? 'none';
      if (['none', 'spice', 'dbus'].includes(type)) return [];
      return [
        {
          about: `audio ${type}`,
          why: 'is played by this host',
          wayOut: "give the guest <audio type='none'/> or spice",
          accept: 'devices/audio',
        },
      ];
    }),
  ),
];
