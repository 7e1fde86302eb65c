/** A guest on a block device of its host’s own (G30): copied into an empty one of the target’s, and into no other. */
import { deviceOf } from '../../drivers/fake/build.js';
import { hostOf, type FakeDevice } from '../../drivers/fake/world.js';
import { Audited } from '../../model/audit.js';
import { HostName, HostPath } from '../../model/ids.js';
import {
  buildSite,
  migrate,
  migrateCold,
  migrateWarm,
  type FakeSite,
} from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';
import { off } from '../helpers/spoil.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const DEVICE = deviceOf(0);

/** An operator means the device that has the same name there. */
const SAID = { storageMaps: [`${DEVICE}=${DEVICE}`] };

const deviceOn = ({ world }: FakeSite, host: HostName, path = DEVICE): FakeDevice => {
  const device = hostOf(world, host).devices.get(path);
  if (!device) throw new Error(`${host} has no ${path}`);
  return device;
};
const moves = { live: migrate, cold: migrateCold };
const MOVES = ['live', 'cold'] as const;
const definitionOn = ({ world }: FakeSite, host: HostName): string =>
  [...hostOf(world, host).guests.values()][0]?.definition ?? '';

describe.each(MOVES)('moved %s', (way) => {
  const move = moves[way];

  it('is on the target with its content, and what the source has is said', async () => {
    const site = await buildSite(['device']);

    const { outcome } = await move(site);

    expect(outcome).toMatchObject({
      kind: 'done',
      value: {
        kept: [expect.stringMatching(/\/dev\/vg0\/disk0, with what vda of vm1 had.*blkdiscard/)],
      },
    });
    expect(deviceOn(site, H2)).toMatchObject({ content: 'data of vm1', taken: undefined });
    expect(deviceOn(site, H1).content).toBe('data of vm1');
  });

  it.each<[string, (site: FakeSite) => unknown, RegExp]>([
    [
      'has data on it',
      (site) => (deviceOn(site, H2).content = 'anybody’s'),
      /is another one \(dm LVM-h2-0\): the guest would run on a wrong disk, and to copy its own into it would destroy what is there.*blkdiscard -z/,
    ],
    [
      'is mounted there',
      (site) => deviceOn(site, H2).users.push('mounted at /mnt'),
      /which h2 itself uses: mounted at \/mnt/,
    ],
    [
      'is too small',
      (site) => Object.assign(deviceOn(site, H2), { sizeBytes: 1024 }),
      /vda has 67108864 bytes, and \/dev\/vg0\/disk0 on h2 has 1024 only/,
    ],
    [
      'is not there',
      (site) => hostOf(site.world, H2).devices.delete(DEVICE),
      /on h2 is not there.*lvcreate/,
    ],
    [
      'has no name of its own, and neither has data on it',
      (site) => {
        Object.assign(deviceOn(site, H1), { ids: {}, content: '' });
        Object.assign(deviceOn(site, H2), { ids: {} });
      },
      /whether that on h2 is the same cannot be told/,
    ],
  ])(
    'stays where it is, and nothing changes, if that of the target %s',
    async (_what, make, says) => {
      const site = await buildSite(['device']);
      make(site);
      const before = await site.picture();

      const { outcome } = await move(site, {}, SAID);

      expect(outcome).toMatchObject({
        kind: 'unwound',
        failure: { message: expect.stringMatching(says) as string },
      });
      expect(await site.picture()).toEqual(before);
    },
  );

  it('moves where neither has a name of its own only if that is said: what is full here is empty there', async () => {
    const site = await buildSite(['device']);
    for (const host of [H1, H2]) Object.assign(deviceOn(site, host), { ids: {} });

    expect((await move(site)).outcome).toMatchObject({
      failure: {
        message: expect.stringMatching(
          /an empty device that has that name by chance.*--map-storage \/dev\/vg0\/disk0=\/dev\/vg0\/disk0/,
        ) as string,
      },
    });
    expect((await move(site, {}, SAID)).outcome).toMatchObject({ kind: 'done' });
    expect(deviceOn(site, H2).content).toBe('data of vm1');
  });

  it('two disks are not written into one device', async () => {
    const site = await buildSite(['device', 'device']);
    const placement = { disks: { vdb: deviceAt(DEVICE) }, ports: {} };

    const { outcome } = await move(site, { placement });

    expect(outcome).toMatchObject({
      failure: {
        message: expect.stringMatching(
          /vdb is to be \/dev\/vg0\/disk0 on h2, which is that of disk vda too/,
        ) as string,
      },
    });
  });

  it('becomes a file where a map says so', async () => {
    const site = await buildSite(['device']);

    const { outcome } = await move(site, {}, { storageMaps: ['/dev/vg0=/var/lib/libvirt/images'] });

    expect(outcome).toMatchObject({ kind: 'done' });
    expect(definitionOn(site, H2)).toMatch(
      /type=.file.[^]*file=.\/var\/lib\/libvirt\/images\/disk0/,
    );
    expect(hostOf(site.world, H2).files.get('/var/lib/libvirt/images/disk0')?.content).toBe(
      'data of vm1',
    );
    expect(deviceOn(site, H2).content).toBe('');
  });
});

const deviceAt = (path: string) => ({ kind: 'block' as const, path: HostPath.parse(path) });

it('a file becomes a device where a map says so: all that the guest sees, raw', async () => {
  const site = await buildSite(['local']);
  hostOf(site.world, H2).devices.set(DEVICE, { ids: {}, users: [], content: '' });

  const { outcome } = await migrateCold(
    site,
    {},
    { storageMaps: [`/var/lib/libvirt/images/vm1/disk0=${DEVICE}`] },
  );

  expect(outcome).toMatchObject({ kind: 'done' });
  expect(definitionOn(site, H2)).toMatch(/type=.block.[^]*type=.raw.[^]*dev=.\/dev\/vg0\/disk0/);
  expect(deviceOn(site, H2).content).toBe('data of vm1 + base image');
  expect(hostOf(site.world, H1).files.has('/var/lib/libvirt/images/vm1/disk0')).toBe(false);
});

it('a file over a backing file does not become a device while it runs', async () => {
  const site = await buildSite(['local']);
  hostOf(site.world, H2).devices.set(DEVICE, { ids: {}, users: [], content: '' });

  const { outcome } = await migrate(
    site,
    {},
    { storageMaps: [`/var/lib/libvirt/images/vm1/disk0=${DEVICE}`] },
  );

  expect(outcome).toMatchObject({
    failure: {
      message: expect.stringMatching(/lies over .*base.qcow2, and a live copy into/) as string,
    },
  });
});

it('a file over a backing file is not written into a device with data on it, cold either', async () => {
  const site = await buildSite(['local']);
  hostOf(site.world, H2).devices.set(DEVICE, { ids: {}, users: [], content: 'anybody’s' });
  const before = await site.picture();

  const { outcome } = await migrateCold(
    site,
    {},
    { storageMaps: [`/var/lib/libvirt/images/vm1/disk0=${DEVICE}`] },
  );

  expect(outcome).toMatchObject({
    failure: {
      message: expect.stringMatching(/is to be in .* on h2, which has data on it/) as string,
    },
  });
  expect(await site.picture()).toEqual(before);
});

it('a larger device is for a cold move alone', async () => {
  const site = await buildSite(['device']);
  Object.assign(deviceOn(site, H2), { sizeBytes: 65 * 1024 * 1024 });

  const live = await migrate(site);
  const cold = await migrateCold(site);

  expect(live.outcome).toMatchObject({
    failure: {
      message: expect.stringMatching(/into one of the same size only.*lvcreate -L/) as string,
    },
  });
  expect(cold.outcome).toMatchObject({ kind: 'done' });
});

it('is not moved warm: a device has no place for an overlay', async () => {
  const site = await buildSite(['device']);

  const { outcome } = await migrateWarm(site);

  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'STORAGE_UNSUITABLE' } });
});

it.each([...MOVES])('what fails %s leaves the target’s device empty', async (way) => {
  const site = await buildSite(['device']);
  site.world.transfer = 'fails';
  const before = await site.picture();

  const { outcome } =
    way === 'live' ? await migrate(site) : await migrateCold(site, { decide: 'revert' });

  expect(outcome).toMatchObject({ kind: 'unwound', leftovers: [] });
  expect(await site.picture()).toEqual(before);
});

it('a source’s device that was changed while the move waited keeps the copy, and an audit names it', async () => {
  const site = await off(['device']);

  const { engine } = await migrateCold(site, {
    onInput: (step) => {
      if (step === 'guest.verify') deviceOn(site, H1).content = 'another';
    },
    decide: 'revert',
    answer: () => 'skip',
  });

  expect(engine.holds[0]).toMatchObject({
    code: 'SOURCE_STALE',
    message: expect.stringMatching(
      /vda of vm1 on h1 was changed, or is another device, since it was copied/,
    ) as string,
  });
  expect(deviceOn(site, H2).content).toBe('data of vm1');
  const audited = Audited.parse(
    await codeNamed('fleet.audit', site.deps).run({ isRepairing: true }, contextOn()),
  );
  expect(audited.findings).toContainEqual(
    expect.objectContaining({
      what: expect.stringContaining(
        `${DEVICE}: a block device that a move has written into`,
      ) as string,
      isRepaired: false,
    }),
  );
});

it('what somebody has put on the device between its proof and the first byte stays: it is neither written into nor zeroed', async () => {
  const site = await buildSite(['device']);
  const put = (step: string) => {
    if (step === 'guest.powerOff') deviceOn(site, H2).content = 'a file system of somebody';
  };

  const { outcome } = await migrateCold(site, { onInput: put });

  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'TARGET_STALE' } });
  expect(deviceOn(site, H2)).toMatchObject({
    content: 'a file system of somebody',
    taken: undefined,
  });
  expect(deviceOn(site, H1).content).toBe('data of vm1');
});
