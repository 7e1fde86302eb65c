/** Rows: devices that QEMU makes of nothing, and the state that some of them have. */
import { present } from '../../model/defined.js';
import { attributeOf, first, textOf } from '../xml/document.js';
import { dropChipsetWatchdog } from '../older.js';
import { ofBackend } from './consoles.js';
import { carried, dropped, needed, refused, refusedIf, travels } from './fate.js';
import { needsOfPath, ownText } from './needing.js';
import { below, rows, rowsWhere, where, type Condition, type Row } from './rows.js';
import { ABOUT } from './shapes.js';

const emulated: Condition = {
  words: "of backend type='emulator'",
  holds: (tpm) => attributeOf(tpm, 'backend', 'type') === 'emulator',
};
const ofHost: Condition = {
  words: 'of another backend',
  holds: (tpm) => attributeOf(tpm, 'backend', 'type') !== 'emulator',
};

const hostsTpm = refusedIf('the host’s own TPM', (tpm) => [
  {
    about: 'tpm',
    why: `is the host's own (${attributeOf(tpm, 'backend', 'type') ?? ''})`,
    wayOut: 'give the guest an emulated one',
  },
]);

const ownTpmPlace = refusedIf('where its state is encrypted, or in a place of its own', (tpm) =>
  first(tpm, 'backend/encryption') || first(tpm, 'backend/source')
    ? [
        {
          about: 'tpm',
          why: 'keeps its state encrypted, or in a place of its own',
          wayOut:
            'take the encryption or the place out of the definition (virsh edit), if the guest can do without that TPM’s content',
        },
      ]
    : [],
);

const passedThrough = refused('is an input device of this host', 'detach it first', {
  about: (input) =>
    `input ${attributeOf(input, 'source', 'evdev') ?? attributeOf(input, 'source', 'dev') ?? ''}`,
});

const cid = needed('its context id, free, and /dev/vhost-vsock', (vsock) => {
  const fixed = Number(attributeOf(vsock, 'cid', 'address') ?? NaN);
  const isAuto = attributeOf(vsock, 'cid', 'auto') === 'yes';
  return present([
    { kind: 'path', is: 'device', path: '/dev/vhost-vsock' },
    isAuto || !(fixed > 2) ? undefined : { kind: 'vsock', cid: fixed },
  ] as const);
});

const threaded = needed(
  'with an I/O thread, and disks that are copied live: QEMU 8 or later, since 7.2 ends there',
  (driver) => (driver.getAttribute('iothread') ? [{ kind: 'threaded-copy' }] : []),
);

const chipsetWatchdog = dropped(
  'left out where libvirt is older than 9.1: the machine has it all the same',
  (watchdog, { targetLibvirt }) => dropChipsetWatchdog(watchdog, targetLibvirt),
);

/** libvirt runs it as it stands there, on the target as well (S6). */
const strangeEmulator = refusedIf('where it is no QEMU by its name', (emulator) => {
  const path = ownText(emulator).trim();
  if (/\/qemu(?:-kvm|-system-\w+)?$/.test(path) || /\/kvm$/.test(path)) return [];
  return [
    {
      about: `emulator ${path}`,
      why: 'is no QEMU by its name, and the target would run it',
      wayOut: 'name the host’s QEMU (virsh edit)',
      accept: 'devices/emulator',
    },
  ];
});

/** Devices. */
export const DEVICES: readonly Row[] = [
  ...rows('devices', travels),
  ...rows('devices/emulator', needsOfPath('file', 'an emulator of that name', ownText)),
  ...rows('devices/emulator', strangeEmulator),
  ...rows(
    `devices/controller(driver(iothreads(iothread(queue))) master model pcihole64 target(node) ${ABOUT})`,
    travels,
  ),
  ...rows('devices/controller/driver', threaded),
  ...rows(`devices/hub(${ABOUT}) devices/panic(${ABOUT})`, travels),
  ...rowsWhere('devices/watchdog', where('model', 'itco'), chipsetWatchdog),
  ...rows('devices/watchdog', travels),
  ...below('devices/watchdog', rows(ABOUT, travels)),
  ...rows(`devices/nvram(${ABOUT}) devices/iommu(driver ${ABOUT})`, travels),
  ...rows(`devices/crypto(backend driver ${ABOUT})`, travels),
  ...rows(`devices/input(driver ${ABOUT})`, travels),
  ...rowsWhere('devices/input', where('type', 'passthrough', 'evdev'), passedThrough),
  ...rows('devices/input/source', carried('see its device')),
  ...rows(`devices/rng(driver rate ${ABOUT})`, travels),
  ...ofBackend('devices/rng/backend'),
  ...rows('devices/rng/backend', needsOfPath('anything', 'the same device', ownText)),
  ...rows(`devices/vsock(cid driver ${ABOUT})`, travels),
  ...rows('devices/vsock', cid),
  ...rowsWhere(
    'devices/tpm',
    emulated,
    carried('cold, its state as files that are compared; live, by QEMU'),
  ),
  ...rowsWhere(
    'devices/tpm',
    emulated,
    needed('swtpm (asked of the hypervisor)', () => []),
  ),
  ...rowsWhere('devices/tpm', emulated, ownTpmPlace),
  ...rowsWhere('devices/tpm', ofHost, hostsTpm),
  ...below('devices/tpm', [
    ...rows(`backend(active_pcr_banks(sha1 sha256 sha384 sha512) profile) ${ABOUT}`, travels),
    ...rows('backend/device backend/encryption backend/source', carried('see its device')),
  ]),
  ...rows(
    'devices/pstore',
    refused('keeps what the guest writes at a crash in a file of this host', 'detach it first', {
      about: (pstore) => `pstore ${textOf(pstore, 'path')}`,
    }),
  ),
  ...below('devices/pstore', [
    ...rows(`size ${ABOUT}`, travels),
    ...rows('path', carried('see its device')),
  ]),
];
