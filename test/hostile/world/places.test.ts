/** Paths that a definition, an image or a link leads to: root reads and writes nothing for a guest outside of the hosts' storage (S2, S7). */
import { hostOf, type FakeFile } from '../../../drivers/fake/world.js';
import { HostName, HostPath, VmUuid } from '../../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../../helpers/fake-migration.js';

const [H1, H2] = ['h1', 'h2'].map((name) => HostName.parse(name)) as [HostName, HostName];
const IMAGES = '/var/lib/libvirt/images';

/** vm1 whose disk is at that path on h1, with that content. */
async function withDisk(path: string, file: Partial<FakeFile> = {}): Promise<FakeSite> {
  const site = await buildSite(['local']);
  const host = hostOf(site.world, H1);
  const [guest] = host.guests.values();
  if (!guest) throw new Error('the site has no guest');
  const move = (xml: string) => xml.replace(/source file='[^']*'/, `source file='${path}'`);
  guest.xml = move(guest.xml);
  guest.definition = move(guest.definition);
  const folder = path.slice(0, path.lastIndexOf('/'));
  for (const name of [H1, H2])
    hostOf(site.world, name).files.set(folder, { content: '', isFolder: true });
  host.files.set(path, { content: 'a disk', isFolder: false, ...file });
  return site;
}

const outcomesOf = async (site: FakeSite) => [
  (await migrate(site)).outcome,
  (await migrateCold(site)).outcome,
];

async function expectRefused(site: FakeSite, says: RegExp): Promise<void> {
  const before = await site.picture();
  for (const outcome of await outcomesOf(site))
    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        code: 'STORAGE_UNSUITABLE',
        message: expect.stringMatching(says) as string,
      },
    });
  expect(await site.picture()).toEqual(before);
}

it.each([
  ['/etc/cron.d/x'],
  ['/etc/shadow'],
  ['/root/.ssh/authorized_keys'],
  ['/boot/vmlinuz'],
  ['/usr/local/sbin/x'],
  ['/lib64/x'],
  ['/run/x'],
  ['/var/spool/cron/root'],
  ['/home/ada/.ssh/authorized_keys'],
])('a disk that is %s does not move', async (path) => {
  await expectRefused(await withDisk(path), /a folder of the system of h[12]/);
});

it.each([
  '/var/lib/cloud/scripts/per-boot/x',
  '/var/lib/polkit-1/localauthority/50-local.d/x.pkla',
  '/var/lib/drover/device-8-16',
  '/var/www/html/x',
])('nothing new is made at %s, where others of the host’s read or run it (S7)', async (path) => {
  await expectRefused(await withDisk(path), /a folder of the system of h2/);
});

it('a pool of the target’s below /var is a place for disks all the same', async () => {
  const site = await withDisk('/var/vms/a.qcow2');
  hostOf(site.world, H2).pools.set('vms', {
    folder: '/var/vms',
    isActive: true,
    listed: new Set(),
  });

  for (const outcome of [await migrateCold(site)])
    expect(outcome).toMatchObject({ outcome: { kind: 'done' } });
});

it.each([
  '/var/lib/libvirt/qemu/save/neighbour.save',
  '/var/lib/libvirt/qemu/snapshot/neighbour/x',
  '/var/lib/libvirt/dnsmasq/default.leases',
  '/var/lib/libvirt/swtpm/x',
])('a disk that is %s does not move: libvirt reads what has such a name (S7)', async (path) => {
  await expectRefused(await withDisk(path), /drover reads and writes nothing of guests there/);
});

it('a disk under a link into the system does not move', async () => {
  const site = await withDisk(`${IMAGES}/a.qcow2`, { linkTo: '/etc/shadow' });
  hostOf(site.world, H1).files.set('/etc/shadow', { content: 'root:*', isFolder: false });

  await expectRefused(site, /a\.qcow2, which is \/etc\/shadow, a folder of the system of h1/);
});

it('an image over a file of the system does not move', async () => {
  const site = await withDisk(`${IMAGES}/a.qcow2`, { content: 'over:/etc/shadow' });
  hostOf(site.world, H1).files.set('/etc/shadow', { content: 'root:*', isFolder: false });

  await expectRefused(site, /\/etc\/shadow, a folder of the system of h1/);
});

it('an image over the disk of a neighbour does not move, unless a person says that it is a template', async () => {
  const victim = `${IMAGES}/victim.qcow2`;
  const site = await withDisk(`${IMAGES}/a.qcow2`, { content: `over:${victim}` });
  const { files, guests } = hostOf(site.world, H1);
  files.set(victim, { content: 'secrets', isFolder: false });
  const definition = `<domain type='kvm'><name>victim</name><devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${victim}'/><target dev='vda'/></disk></devices></domain>`;
  guests.set(VmUuid.parse('77000000-0000-4000-8000-0000000000ee'), {
    name: 'victim',
    state: 'shutoff',
    isPersistent: true,
    isAutostart: false,
    xml: definition,
    definition,
  });

  await expectRefused(
    site,
    /lies over .*victim\.qcow2, a disk of victim on h1.*--accept others-disk/,
  );
  const { outcome } = await migrateCold(site, {}, { accept: ['others-disk'] });
  expect(outcome).toMatchObject({ kind: 'done' });
});

it('an image over a template that a running neighbour lies over as well moves', async () => {
  const template = `${IMAGES}/template.qcow2`;
  const site = await withDisk(`${IMAGES}/a.qcow2`, { content: `over:${template}` });
  const { files, guests } = hostOf(site.world, H1);
  files.set(template, { content: 'a system', isFolder: false });
  files.set(`${IMAGES}/b.qcow2`, { content: `over:${template}`, isFolder: false });
  const xml = `<domain type='kvm'><name>other</name><devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${IMAGES}/b.qcow2'/><backingStore type='file'><format type='qcow2'/><source file='${template}'/><backingStore/></backingStore><target dev='vda'/></disk></devices></domain>`;
  guests.set(VmUuid.parse('77000000-0000-4000-8000-0000000000ee'), {
    name: 'other',
    state: 'running',
    isPersistent: true,
    isAutostart: false,
    xml,
    definition: xml,
  });

  expect((await migrateCold(site)).outcome).toMatchObject({ kind: 'done' });
});

describe('where storage is registered', () => {
  const withStorage = async (path: string, host: HostName, storage: string) => {
    const site = await withDisk(path);
    Object.assign(hostOf(site.world, host).record, { storage: [HostPath.parse(storage)] });
    return site;
  };

  it('a disk in it moves', async () => {
    const site = await withStorage('/data/vms/a.qcow2', H1, '/data/vms');
    expect((await migrateCold(site)).outcome).toMatchObject({ kind: 'done' });
  });

  it.each([
    ['on the source', H1, '/srv/other', /outside of the storage of h1/],
    ['on the target', H2, '/srv/other', /outside of the storage of h2/],
    ['beside a folder of that name', H1, '/data/vm', /outside of the storage of h1/],
  ])('one outside of it does not (%s)', async (_where, host, storage, says) => {
    await expectRefused(await withStorage('/data/vms/a.qcow2', host, storage), says);
  });
});
