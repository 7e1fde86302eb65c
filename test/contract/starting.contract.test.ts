/** What starting a guest needs, empties or takes on the target: found before it is powered off (G20). */
import { hostOf, type FakeGuest, type FakeHost } from '../../drivers/fake/world.js';
import type { TakenDevice } from '../../drivers/interfaces/surroundings.js';
import { HostName, VmUuid } from '../../model/ids.js';
import { buildSite, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const [H1, H2] = ['h1', 'h2'].map((name) => HostName.parse(name)) as [HostName, HostName];

/** vm1 with one device more. */
async function withDevice(device: string): Promise<{ site: FakeSite; target: FakeHost }> {
  const site = await buildSite(['local']);
  const [guest] = hostOf(site.world, H1).guests.values();
  if (!guest) throw new Error('the site has no guest');
  const add = (xml: string) => xml.replace('</devices>', `${device}</devices>`);
  guest.xml = add(guest.xml);
  guest.definition = add(guest.definition);
  const target = hostOf(site.world, H2);
  target.files.set('/srv/ser', { content: '', isFolder: true });
  return { site, target };
}

/** A guest of the target's that is off and has that in its definition. */
function addNeighbour(target: FakeHost, device: string): void {
  const definition = `<domain type='kvm'><name>other</name><devices>${device}</devices></domain>`;
  const other: FakeGuest = {
    name: 'other',
    state: 'shutoff',
    isPersistent: true,
    isAutostart: false,
    xml: definition,
    definition,
  };
  target.guests.set(VmUuid.parse('77000000-0000-4000-8000-0000000000ee'), other);
}

const serial = (source: string, type = 'file') =>
  `<serial type='${type}'>${source}<target port='0'/></serial>`;
const FILE = serial(`<source path='/srv/ser/a.log'/>`);
const SOCKET = `<channel type='unix'><source mode='bind' path='/srv/ser/agent'/><target type='virtio' name='a'/></channel>`;
const macvtap = (mode: string): string =>
  `<interface type='direct'><mac address='52:54:00:77:00:77'/><source dev='eth7' mode='${mode}'/></interface>`;
const take = (target: FakeHost, by: TakenDevice['by']): void => {
  target.files.set('/sys/class/net/eth7', { content: '', isFolder: true });
  target.surroundings = { ...target.surroundings, taken: [{ device: 'eth7', by }] };
};
const put = (path: string, content: string) => (target: FakeHost) =>
  target.files.set(path, { content, isFolder: false });
/** A neighbour's disk, at a path that the guest names too. */
const haveDisk = (target: FakeHost): void => {
  put('/srv/ser/disk.raw', 'a disk')(target);
  addNeighbour(
    target,
    `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/srv/ser/disk.raw'/><target dev='vda' bus='virtio'/></disk>`,
  );
};
const nothing = () => undefined;

it.each<[string, string, (target: FakeHost) => unknown, RegExp]>([
  [
    'whose console’s file is there',
    FILE,
    put('/srv/ser/a.log', 'evidence'),
    /serial 0 would be made anew at \/srv\/ser\/a\.log on h2, which is there/,
  ],
  [
    'whose console’s file is a neighbour’s',
    FILE,
    (target) => addNeighbour(target, FILE),
    /\/srv\/ser\/a\.log on h2, which is used by other on h2/,
  ],
  [
    'whose socket is a neighbour’s',
    SOCKET,
    (target) => addNeighbour(target, SOCKET),
    /channel.* would be made anew at \/srv\/ser\/agent on h2, which is used by other on h2/,
  ],
  ...(
    [
      ['graphics’ socket', `<graphics type='vnc' socket='/srv/ser/disk.raw'/>`],
      [
        'screen’s socket',
        `<graphics type='spice'><listen type='socket' socket='/srv/ser/disk.raw'/></graphics>`,
      ],
      [
        'socket, though it says append,',
        serial(`<source mode='bind' path='/srv/ser/disk.raw' append='on'/>`, 'unix'),
      ],
      [
        'source of random numbers',
        `<rng model='virtio'><backend model='egd' type='unix'><source mode='bind' path='/srv/ser/disk.raw'/></backend></rng>`,
      ],
    ] as const
  ).map(([what, device]): [string, string, (target: FakeHost) => unknown, RegExp] => [
    `whose ${what} is where a neighbour has a disk`,
    device,
    haveDisk,
    /would be made anew at \/srv\/ser\/disk\.raw on h2, which is used by other on h2/,
  ]),
  [
    'whose socket is where libvirt has a neighbour’s variables',
    `<graphics type='vnc' socket='/var/lib/libvirt/qemu/nvram/other_VARS.fd'/>`,
    (target) => {
      put('/var/lib/libvirt/qemu/nvram/other_VARS.fd', 'variables')(target);
      target.files.set('/var/lib/libvirt/qemu/nvram', { content: '', isFolder: true });
    },
    /would be made anew at \/var\/lib\/libvirt\/qemu\/nvram\/other_VARS\.fd on h2, which is there/,
  ],
  ...(
    [
      ['console', serial(`<source path='/srv/ser/disk.raw' append='on'/>`)],
      ['console’s log', serial(`<log file='/srv/ser/disk.raw' append='on'/>`, 'pty')],
    ] as const
  ).map(([what, device]): [string, string, (target: FakeHost) => unknown, RegExp] => [
    `whose ${what} would be added to a neighbour’s disk`,
    device,
    haveDisk,
    /serial 0 would write into \/srv\/ser\/disk\.raw, which is used by other on h2 \(disk vda\).*--accept other-file/,
  ]),
  [
    'that would read a neighbour’s disk as random numbers',
    `<rng model='virtio'><backend model='random'>/srv/ser/disk.raw</backend></rng>`,
    haveDisk,
    /is \/srv\/ser\/disk\.raw, which other on h2 \(disk vda\) writes to.*--accept other-file/,
  ],
  ...(
    [
      ['libvirt', '/run/libvirt/libvirt-sock', /by which libvirt itself is reached on h2/],
      [
        'a neighbour’s monitor',
        '/run/libvirt/qemu/2-other/monitor.sock',
        /by which libvirt itself/,
      ],
      ['what commands the host', '/var/run/docker.sock', /by which h2 itself is commanded/],
    ] as const
  ).map(([whom, path, says]): [string, string, (target: FakeHost) => unknown, RegExp] => [
    `that would talk to ${whom}`,
    serial(`<source mode='connect' path='${path}'/>`, 'unix'),
    put(path, ''),
    says,
  ]),
  [
    'whose serial port is a block device there',
    serial(`<source path='/dev/vdz'/>`, 'dev'),
    (target) => target.devices.set('/dev/vdz', { ids: {}, users: [], content: '' }),
    /serial 0 is \/dev\/vdz, which is a block device of h2/,
  ],
  [
    'whose network’s log is there',
    `<interface type='user'><mac address='52:54:00:77:00:77'/><backend type='passt' logFile='/srv/ser/passt.log'/></interface>`,
    put('/srv/ser/passt.log', 'evidence'),
    /would be made anew at \/srv\/ser\/passt\.log on h2, which is there/,
  ],
  [
    'whose server’s socket is not there',
    serial(`<source mode='connect' path='/srv/ser/peer'/>`, 'unix'),
    nothing,
    /it lacks the file \/srv\/ser\/peer \(serial 0\)/,
  ],
  [
    'whose FIFO is not there',
    serial(`<source path='/srv/ser/pipe'/>`, 'pipe'),
    nothing,
    /it lacks the file \/srv\/ser\/pipe \(serial 0\)/,
  ],
  [
    'whose own server does not listen',
    serial(`<source mode='connect' host='127.0.0.1' service='5555'/>`, 'tcp'),
    nothing,
    /nobody listens there on port 5555, to which serial 0 connects/,
  ],
  [
    'that listens over UDP in a network that the target lacks',
    serial(
      `<source mode='connect' host='10.0.0.9' service='1'/><source mode='bind' host='10.9.9.9' service='2'/>`,
      'udp',
    ),
    nothing,
    /it has no address in the network of 10\.9\.9\.9/,
  ],
  [
    'whose macvtap would lie on a bridge’s port',
    macvtap('bridge'),
    (target) => take(target, { master: 'br0' }),
    /eth7 \(interface .*\) is a port of br0 there, which leaves nothing to a macvtap/,
  ],
  [
    'whose macvtap takes a whole device that has one already',
    macvtap('passthrough'),
    (target) => take(target, { macvtap: 'bridge', mac: '' }),
    /eth7 .* has a macvtap there already, and mode passthrough shares with none/,
  ],
  [
    'whose macvtap has the address of one that is there',
    macvtap('bridge'),
    (target) => take(target, { macvtap: 'bridge', mac: '52:54:00:77:00:77' }),
    /a macvtap on eth7 .* has the address 52:54:00:77:00:77 there already/,
  ],
  [
    'whose macvtap would lie on a device that is taken whole',
    macvtap('vepa'),
    (target) => take(target, { macvtap: 'passthru', mac: '' }),
    /eth7 .* has a macvtap there already/,
  ],
  [
    'whose console listens on a name',
    `<graphics type='vnc' port='-1' autoport='yes' listen='h1'><listen type='address' address='h1'/></graphics>`,
    nothing,
    /listens on the name h1, which each host resolves for itself.*--accept listen-name/,
  ],
  [
    'with two interfaces of one address',
    `<interface type='bridge'><mac address='52:54:00:77:00:01'/><source bridge='br0'/></interface>`,
    nothing,
    /interface 52:54:00:77:00:01 has the address of another interface of this guest/,
  ],
])('a guest %s does not move', async (_what, device, prepare, says) => {
  const { site, target } = await withDevice(device);
  prepare(target);
  const before = await site.picture();

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: { message: expect.stringMatching(says) as string },
  });
  expect(await site.picture()).toEqual(before);
});

it.each<[string, string, (target: FakeHost) => unknown]>([
  ['whose console’s file is not there', FILE, nothing],
  ['whose console’s file is empty', FILE, put('/srv/ser/a.log', '')],
  [
    'whose random numbers come from a file that others read, too',
    `<rng model='virtio'><backend model='random'>/srv/ser/seed</backend></rng>`,
    (target) => {
      put('/srv/ser/seed', 'seed')(target);
      addNeighbour(
        target,
        `<rng model='virtio'><backend model='random'>/srv/ser/seed</backend></rng>`,
      );
    },
  ],
  [
    'whose console adds to a file that is there',
    serial(`<source path='/srv/ser/a.log' append='on'/>`),
    put('/srv/ser/a.log', 'evidence'),
  ],
])('a guest %s moves', async (_what, device, prepare) => {
  const { site, target } = await withDevice(device);
  prepare(target);

  expect((await migrateCold(site)).outcome).toMatchObject({ kind: 'done' });
});

it('a disk whose path is that of a guest there, which is off and lacks it, does not move', async () => {
  const { site, target } = await withDevice('');
  const [guest] = hostOf(site.world, H1).guests.values();
  const [disk = ''] = /<disk.*?<\/disk>/.exec(guest?.xml ?? '') ?? [];
  addNeighbour(target, disk);
  const before = await site.picture();

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    failure: { message: expect.stringMatching(/is that of other on h2/) as string },
  });
  expect(await site.picture()).toEqual(before);
});
