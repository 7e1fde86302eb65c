/** Rows: what the guest shows and plays, and to whom. */
import type { Element } from '@xmldom/xmldom';
import { all } from '../xml/document.js';
import { isAnyAddress, NOTHING_THERE, replaced } from './consoles.js';
import { needed, refused, refusedIf, rewritten, travels, type Rewrite } from './fate.js';
import { attribute, needsOfPath } from './needing.js';
import { below, rows, rowsWhere, where, type Condition, type Row } from './rows.js';
import { ABOUT } from './shapes.js';

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

/** QEMU, or libvirt before it, takes away what is there. */
const replacedByConsole = needsOfPath('new file', NOTHING_THERE, attribute('socket'));

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

/** Graphics, video, sound. */
export const SCREENS: readonly Row[] = [
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
