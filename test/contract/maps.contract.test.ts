/** Another layout on the target: folders, bridges and networks by other names, for one move or as a host's habit. */
import { hostOf, type FakeHost } from '../../drivers/fake/world.js';
import { Host } from '../../model/host.js';
import { HostName } from '../../model/ids.js';
import {
  buildSite,
  migrate,
  migrateCold,
  migrateWarm,
  type FakeSite,
} from '../helpers/fake-migration.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const MAC = '52:54:00:77:00:01';
const IMAGES = '/var/lib/libvirt/images';
const MAPS = { storageMaps: [`${IMAGES}=/fast`], networkMaps: ['br0=br9'] };

let site: FakeSite;
let h2: FakeHost;
/** h2 has other bridges, and its guests' disks elsewhere. */
beforeEach(async () => {
  site = await buildSite(['local']);
  h2 = hostOf(site.world, H2);
  h2.facts = { ...h2.facts, bridges: ['br9'] };
  h2.files.set('/fast', { content: '', isFolder: true });
});
const filesOfGuest = ({ files }: FakeHost): string[] =>
  [...files.keys()].filter((path) => path.includes('vm1'));
/** As an operator registers it. */
async function habit(name: HostName, maps: string[]): Promise<void> {
  const { record } = hostOf(site.world, name);
  await site.inventory.putHost(Host.parse({ ...record, maps }));
}

describe.each([
  { way: 'live', move: migrate },
  { way: 'cold', move: migrateCold },
  { way: 'warm', move: migrateWarm },
])('moved $way', ({ move }) => {
  it('arrives under the target’s names if the request maps them', async () => {
    const { outcome } = await move(site, {}, MAPS);

    expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
    expect(filesOfGuest(h2)).toEqual(expect.arrayContaining(['/fast/vm1/disk0']));
    expect(filesOfGuest(h2).every((path) => path.startsWith('/fast/'))).toBe(true);
    expect(h2.bindings.get(MAC)?.port).toMatchObject({ target: { bridge: 'br9' } });
    expect(filesOfGuest(hostOf(site.world, H1))).toEqual([]);
  });

  it('arrives so without a word, if that is how the host is registered, and goes back by the other’s', async () => {
    await habit(H2, [...MAPS.storageMaps, ...MAPS.networkMaps]);
    await habit(H1, [`/fast=${IMAGES}`, 'br9=br0']);
    const there = await move(site);
    expect(there.outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });

    const back = await move(site, {}, { target: 'h1' });

    expect(back.outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
    expect(filesOfGuest(hostOf(site.world, H1))).toContain(`${IMAGES}/vm1/disk0`);
    expect(filesOfGuest(h2)).toEqual([]);
  });

  it('is refused, with what it has, if a map meets nothing of it', async () => {
    const { outcome } = await move(site, {}, { storageMaps: ['/var/lib/libvirt/imagse=/fast'] });

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        code: 'BAD_INPUT',
        message: 'nothing of vm1 is in /var/lib/libvirt/imagse',
        hint: expect.stringMatching(
          /It has \/var\/lib\/libvirt\/images\/vm1\/disk0, br0/,
        ) as string,
      },
    });
  });
});

describe('a disk that is to be of another format there', () => {
  const AS_RAW = { storageMaps: ['format:qcow2=format:raw'] };
  beforeEach(() => {
    h2.facts = { ...h2.facts, bridges: ['br0'] };
  });
  /** A live copy is of the topmost layer: the guest has one alone. */
  beforeEach(() => {
    const { files } = hostOf(site.world, H1);
    const [path, disk] = [`${IMAGES}/vm1/disk0`, files.get(`${IMAGES}/vm1/disk0`)];
    if (disk) files.set(path, { ...disk, content: disk.content.replace(/over:\S+/, '') });
  });
  const definitionThere = () => [...h2.guests.values()][0]?.definition;

  it.each([
    { way: 'live', move: migrate },
    { way: 'cold', move: migrateCold },
  ])('moved $way it is, and so the target’s definition says', async ({ move }) => {
    const { outcome } = await move(site, {}, AS_RAW);

    expect(outcome).toMatchObject({
      kind: 'done',
      value: {
        outcome: 'moved',
        disks: [{ reason: expect.stringMatching(/, and becomes raw$/) as string }],
      },
    });
    expect(definitionThere()).toMatch(/<driver name=.qemu. type=.raw.\/>/);
  });

  it('is not moved live over a backing file', async () => {
    site = await buildSite(['local']);

    const { outcome } = await migrate(site, {}, AS_RAW);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { message: expect.stringMatching(/would be its own layer alone/) as string },
    });
  });

  it('is not copied warm: what is written meanwhile has no place', async () => {
    const { outcome } = await migrateWarm(site, {}, AS_RAW);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        message: expect.stringMatching(/becomes another format \(raw\).* warm copy/) as string,
      },
    });
  });

  it('goes back as it was when the move is reverted', async () => {
    const start = await site.picture();

    const { outcome } = await migrateCold(site, { decide: 'revert' }, AS_RAW);

    expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'REVERTED' } });
    expect(await site.picture()).toEqual(start);
  });

  it.each([
    { way: 'live', move: migrate },
    { way: 'cold', move: migrateCold },
  ])('moved $way stays as it is on shared storage, and that is said', async ({ move }) => {
    site = await buildSite(['shared']);
    h2 = hostOf(site.world, H2);

    const { outcome } = await move(site, {}, AS_RAW);

    expect(outcome).toMatchObject({
      kind: 'done',
      value: { disks: [{ reason: expect.stringMatching(/; it stays qcow2$/) as string }] },
    });
    expect(definitionThere()).toMatch(/type=.qcow2./);
  });

  it('is refused if the guest has snapshots, which would be lost', async () => {
    site = await buildSite(['local', 'snapshot']);

    const { outcome } = await migrateCold(site, {}, AS_RAW);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        code: 'STORAGE_UNSUITABLE',
        message: expect.stringMatching(
          /disk vda has snapshot .*, which a copy as raw would not have/,
        ) as string,
      },
    });
  });
});

it('goes back to where it was when the move is reverted', async () => {
  const start = await site.picture();

  const { outcome } = await migrateCold(site, { decide: 'revert' }, MAPS);

  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'REVERTED' } });
  expect(await site.picture()).toEqual(start);
});

it('snapshots, whose records name the disks, keep them where they are', async () => {
  site = await buildSite(['local', 'snapshot']);
  hostOf(site.world, H2).files.set('/fast', { content: '', isFolder: true });

  const { outcome } = await migrateCold(site, {}, { storageMaps: MAPS.storageMaps });

  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: {
      code: 'STORAGE_UNSUITABLE',
      message: expect.stringMatching(
        /is to be \/fast\/vm1\/.*, and the snapshots .* name it/,
      ) as string,
    },
  });
});

describe('a disk that is a volume of a storage pool', () => {
  const asVolume = (xml: string) =>
    xml
      .replace(/<disk type='file'([^>]*)>/, "<disk type='volume'$1>")
      .replace(/<source file='[^']*\/([^/']*)'\/>/, "<source pool='default' volume='vm1.qcow2'/>");
  /** vm1's disk is in the pool itself, and h2 has a pool of that name in another folder. */
  beforeEach(() => {
    h2.facts = { ...h2.facts, bridges: ['br0'] };
    const h1 = hostOf(site.world, H1);
    const [guest] = h1.guests.values();
    const disk = h1.files.get(`${IMAGES}/vm1/disk0`);
    if (!guest || !disk) throw new Error('h1 has no guest with a disk');
    Object.assign(guest, { xml: asVolume(guest.xml), definition: asVolume(guest.definition) });
    h1.files.set(`${IMAGES}/vm1.qcow2`, disk);
    h1.pools.set('default', {
      folder: IMAGES,
      isActive: true,
      listed: new Set([`${IMAGES}/vm1.qcow2`]),
    });
    h2.pools.set('default', { folder: '/fast', isActive: true, listed: new Set() });
  });
  const [live, cold] = [migrate, migrateCold];

  it.each([
    { way: 'live', move: live },
    { way: 'cold', move: cold },
  ])(
    'moved $way is one of the target’s pool, and libvirt lists it there alone',
    async ({ move }) => {
      const { outcome } = await move(site);

      expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
      const [guest] = h2.guests.values();
      expect(guest?.definition).toMatch(/type=.volume.[^]*pool=.default. volume=.vm1\.qcow2./);
      expect(h2.files.has('/fast/vm1.qcow2')).toBe(true);
      expect([...(h2.pools.get('default')?.listed ?? [])]).toContain('/fast/vm1.qcow2');
      const h1 = hostOf(site.world, H1);
      expect([...(h1.pools.get('default')?.listed ?? [])]).not.toContain(`${IMAGES}/vm1.qcow2`);
      expect(h1.files.has(`${IMAGES}/vm1.qcow2`)).toBe(false);
    },
  );

  it('goes to a pool of another name if that is said', async () => {
    h2.pools.clear();
    h2.pools.set('nvme', { folder: '/fast', isActive: true, listed: new Set() });

    const { outcome } = await cold(site, {}, { storageMaps: ['pool:default=pool:nvme'] });

    expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
    expect([...h2.guests.values()][0]?.definition).toMatch(/pool=.nvme. volume=.vm1\.qcow2./);
  });

  it.each<[string, () => void, RegExp]>([
    ['has no such pool', () => void h2.pools.clear(), /it has no storage pool default/],
    [
      'has it switched off',
      () => Object.assign(h2.pools.get('default') ?? {}, { isActive: false }),
      /its storage pool default is off.*virsh pool-start default/,
    ],
  ])('stays where it is if the target %s', async (_what, make, words) => {
    make();

    const { outcome } = await cold(site);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { code: 'NO_TARGET', message: expect.stringMatching(words) as string },
    });
  });

  it('is not moved warm, which would make it a file', async () => {
    const { outcome } = await migrateWarm(site);

    expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'STORAGE_UNSUITABLE' } });
  });

  it('starts again after a revert, although somebody has looked into the pool meanwhile', async () => {
    const start = await site.picture();
    const { hypervisor } = await site.deps.dataCentre.on(H1);
    const refresh = (step: string) => {
      if (step === 'guest.verify') void hypervisor.refreshPool('default');
    };

    const { outcome } = await cold(site, { decide: 'revert', onInput: refresh });

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { code: 'REVERTED' },
      leftovers: [],
    });
    expect(await site.picture()).toEqual(start);
  });

  it('is back in its pool after a revert', async () => {
    const start = await site.picture();

    const { outcome } = await cold(site, { decide: 'revert' });

    expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'REVERTED' } });
    expect(await site.picture()).toEqual(start);
  });
});
