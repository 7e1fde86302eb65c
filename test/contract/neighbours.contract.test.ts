/** What another guest uses is found whatever way it names it, and is moved from under nobody (G08). */
import { hostOf, type FakeGuest, type FakeHost } from '../../drivers/fake/world.js';
import { HostName, VmUuid } from '../../model/ids.js';
import { buildSite, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const H1 = HostName.parse('h1');
const OVERLAY = '/var/lib/libvirt/images/other/over.qcow2';

interface Neighbour {
  readonly devices?: string;
  readonly argument?: string;
  readonly overlayOver?: string;
  readonly snapshots?: FakeGuest['snapshots'];
  readonly state?: FakeGuest['state'];
}

const diskOf = (path: string): string =>
  `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${path}'/><target dev='vda'/></disk>`;

function addNeighbour(
  host: FakeHost,
  { devices = '', argument, overlayOver, ...of }: Neighbour,
): void {
  const past =
    argument === undefined
      ? ''
      : `<qemu:commandline><qemu:arg value='${argument}'/></qemu:commandline>`;
  const definition = `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>other</name><devices>${devices}</devices>${past}</domain>`;
  const { snapshots = [], state = 'shutoff' } = of;
  const uuid = VmUuid.parse('77000000-0000-4000-8000-0000000000ee');
  host.guests.set(uuid, {
    name: 'other',
    state,
    isPersistent: true,
    isAutostart: false,
    xml: definition,
    definition,
    snapshots,
  });
  if (overlayOver !== undefined)
    host.files.set(OVERLAY, { content: `over:${overlayOver}`, isFolder: false });
}

/** The path that vm1's disk has. */
async function siteWithDisk(): Promise<{ site: FakeSite; disk: string }> {
  const site = await buildSite(['local']);
  const [guest] = hostOf(site.world, H1).guests.values();
  const disk = /source file='([^']*)'/.exec(guest?.xml ?? '')?.[1];
  if (!disk) throw new Error('vm1 has no disk');
  return { site, disk };
}

const json = (value: unknown): string => JSON.stringify(value).replaceAll('"', '&quot;');

it.each<[string, (disk: string) => Neighbour]>([
  ['a backing file', (disk) => ({ devices: diskOf(OVERLAY), overlayOver: disk })],
  [
    'a backing file in QEMU’s JSON',
    (disk) => ({
      devices: diskOf(OVERLAY),
      overlayOver: `json:{"driver":"qcow2","file":{"driver":"file","filename":"${disk}"}}`,
    }),
  ],
  [
    'a backing file with its protocol',
    (disk) => ({ devices: diskOf(OVERLAY), overlayOver: `file:${disk}` }),
  ],
  [
    'an argument past libvirt in QEMU’s JSON',
    (disk) => ({ argument: json({ driver: 'file', 'node-name': 'x', filename: disk }) }),
  ],
  [
    'an overlay in an argument past libvirt',
    (disk) => ({ argument: `file=${OVERLAY},if=none`, overlayOver: disk }),
  ],
  [
    'a snapshot of a time when its disk was another',
    (disk) => ({ snapshots: [{ name: 'old', isExternal: true, isCurrent: false, files: [disk] }] }),
  ],
  [
    'an overlay of a snapshot',
    (disk) => ({
      snapshots: [{ name: 'old', isExternal: true, isCurrent: false, files: [OVERLAY] }],
      overlayOver: disk,
    }),
  ],
])('a disk that a neighbour uses as %s is not moved', async (_how, neighbour) => {
  const { site, disk } = await siteWithDisk();
  addNeighbour(hostOf(site.world, H1), neighbour(disk));
  const before = await site.picture();

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: { message: expect.stringMatching(/is used by other on h1/) as string },
  });
  expect(await site.picture()).toEqual(before);
});

it('a disk is not moved while a neighbour has an image that may keep its data in other files', async () => {
  const { site } = await siteWithDisk();
  const vmdk = diskOf(OVERLAY).replace("type='qcow2'", "type='vmdk'");
  addNeighbour(hostOf(site.world, H1), { devices: vmdk, overlayOver: '/nothing' });

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    failure: {
      message: expect.stringMatching(/what other uses on h1 cannot be told.*vmdk image/) as string,
    },
  });
});

it('a disk that a loop device of its host is over is not moved', async () => {
  const { site, disk } = await siteWithDisk();
  hostOf(site.world, H1).loops = [{ device: '/dev/loop0', file: disk }];
  const before = await site.picture();

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    failure: {
      message: expect.stringMatching(/is used by \/dev\/loop0 on h1 \(a loop device/) as string,
    },
  });
  expect(await site.picture()).toEqual(before);
});

it('a volume of a pool that is not there spoils nobody’s move', async () => {
  const { site } = await siteWithDisk();
  const devices = `<disk type='volume' device='cdrom'><source pool='gone' volume='a.iso'/><target dev='sda'/><readonly/></disk>`;
  addNeighbour(hostOf(site.world, H1), { devices });

  expect((await migrateCold(site)).outcome).toMatchObject({ kind: 'done' });
});

describe('a disk on storage that a third host sees as well', () => {
  /** vm1 on h1's shared folder, which h2 does not have; `other` on h3 lies over it. */
  const shared = async () => {
    const site = await buildSite(['shared']);
    const [guest] = hostOf(site.world, H1).guests.values();
    const disk = /source file='([^']*)'/.exec(guest?.xml ?? '')?.[1] ?? '';
    const h2 = hostOf(site.world, HostName.parse('h2'));
    h2.mounts.delete('/srv/shared');
    h2.files.set('/srv/shared', { content: '', isFolder: true });
    addNeighbour(hostOf(site.world, HostName.parse('h3')), {
      devices: diskOf(OVERLAY),
      overlayOver: disk,
    });
    return site;
  };

  it('is not copied away from under a guest of that host', async () => {
    const site = await shared();

    const { outcome } = await migrateCold(site, {}, { accept: ['other-filesystem'] });

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        message: expect.stringMatching(/is used by other on h3 .*same storage/) as string,
      },
    });
  });
});

it('a revert leaves what a guest of the target uses by now, and says so', async () => {
  const { site, disk } = await siteWithDisk();
  const there = hostOf(site.world, HostName.parse('h2'));
  const useIt = (step: string) => {
    if (step === 'guest.start')
      addNeighbour(there, { devices: diskOf(OVERLAY), overlayOver: disk });
  };

  const { outcome } = await migrateCold(site, { decide: 'revert', onInput: useIt });

  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: { code: 'REVERTED' },
    leftovers: [],
    kept: expect.arrayContaining([
      `${disk} on h2 stays: other on h2 (below disk vda) uses it by now`,
    ]) as string[],
  });
  expect(there.files.has(disk)).toBe(true);
});

it('a revert leaves a folder in which somebody has something by now, and says why', async () => {
  const { site, disk } = await siteWithDisk();
  const there = hostOf(site.world, HostName.parse('h2'));
  const folder = disk.slice(0, disk.lastIndexOf('/'));
  const putIt = (step: string) => {
    if (step === 'guest.start')
      there.files.set(`${folder}/notes`, { content: 'of another', isFolder: false });
  };

  const { outcome } = await migrateCold(site, { decide: 'revert', onInput: putIt });

  expect(there.files.has(disk)).toBe(false);
  expect(there.files.has(`${folder}/notes`)).toBe(true);
  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: { code: 'REVERTED' },
    leftovers: [],
    kept: [`${folder} on h2 stays: there is something in it that this move does not remove`],
  });
});
