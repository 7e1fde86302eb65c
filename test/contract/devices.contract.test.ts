/** A guest on a block device (G30): it moves where the target sees the very same one, and nowhere else. */
import { LUN } from '../../drivers/fake/build.js';
import { hostOf, type FakeDevice } from '../../drivers/fake/world.js';
import { HostName, HostPath, VmUuid } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];

/** h2 has a device of its own there. */
const onH2 = ({ world }: FakeSite, change: Partial<FakeDevice>): void => {
  const shared = hostOf(world, H1).devices.get(LUN) as FakeDevice;
  hostOf(world, H2).devices.set(LUN, { ...shared, ...change });
};

it.each(['live', 'cold'] as const)('moves %s, and stays where it is', async (move) => {
  const site = await buildSite(['lun']);

  const { outcome } = await (move === 'live' ? migrate(site) : migrateCold(site));

  expect(outcome).toMatchObject({ kind: 'done' });
  expect([...hostOf(site.world, H2).guests.values()][0]?.definition).toContain(LUN);
  expect(hostOf(site.world, H1).devices.get(LUN)?.content).toBe('a b c d');
});

it.each<[string, (site: FakeSite) => void, RegExp]>([
  [
    'another WWN',
    (site) => onH2(site, { ids: { wwn: '600140500000ffff' } }),
    /vda is the block device .* \(wwn 6001405000000001\), and that on h2 is another one \(wwn 600140500000ffff\): the guest would run on a wrong disk.*blkdiscard -z/,
  ],
  ['no name', (site) => onH2(site, { ids: {} }), /whether that on h2 is the same cannot be told/],
  [
    'the same name and other content',
    (site) => onH2(site, { content: 'a b c X' }),
    /has the same name \(wwn 6001405000000001\), but other content than on h1/,
  ],
  [
    'a file system mounted from it',
    (site) => onH2(site, { users: ['/dev/sdb1 is mounted at /mnt'] }),
    /which h2 itself uses: \/dev\/sdb1 is mounted at \/mnt/,
  ],
  [
    'no such device',
    (site) => void hostOf(site.world, H2).devices.delete(LUN),
    /vda is the block device .*, and .* on h2 is not there/,
  ],
])('is refused where the target has %s', async (_case, change, says) => {
  for (const move of [migrate, migrateCold]) {
    const site = await buildSite(['lun']);
    change(site);
    const before = await site.picture();

    const { outcome } = await move(site);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { message: expect.stringMatching(says) as string },
    });
    expect(await site.picture()).toEqual(before);
  }
});

it('has another name on the target by a map, and is the same one there', async () => {
  const site = await buildSite(['lun']);
  const { devices } = hostOf(site.world, H2);
  devices.set('/dev/sdc', devices.get(LUN) as FakeDevice);
  devices.delete(LUN);
  const path = HostPath.parse('/dev/sdc');
  const placement = { disks: { vda: { kind: 'block', path } }, ports: {} } as const;

  const { outcome } = await migrateCold(site, { placement });

  expect(outcome).toMatchObject({ kind: 'done' });
  expect([...hostOf(site.world, H2).guests.values()][0]?.definition).toContain('dev="/dev/sdc"');
});

it('a file that is named as a device is moved as the file that it is', async () => {
  const site = await buildSite(['local']);
  const [guest] = hostOf(site.world, H1).guests.values();
  if (!guest) throw new Error('h1 has no guest');
  const asDevice = (xml: string) =>
    xml.replace(/<disk type='file'(.*?)<source file=/, "<disk type='block'$1<source dev=");
  guest.xml = asDevice(guest.xml);
  guest.definition = asDevice(guest.definition);

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({ kind: 'done' });
});

/** Another guest of a host has the same disk. */
const addTwin = (site: FakeSite, host: HostName): void => {
  const [guest] = hostOf(site.world, H1).guests.values();
  if (!guest) throw new Error('h1 has no guest');
  const uuid = '77000000-0000-4000-8000-000000000007';
  const xml = guest.xml
    .replace('77000000-0000-4000-8000-000000000001', uuid)
    .replaceAll('52:54:00:77:00:01', '52:54:00:77:00:07')
    .replace('<name>vm1<', '<name>twin<');
  hostOf(site.world, host).guests.set(VmUuid.parse(uuid), {
    ...guest,
    name: 'twin',
    state: 'shutoff',
    xml,
    definition: xml,
  });
};

it.each(['h1', 'h2', 'h3'])('stays where another guest of %s has the same device', async (on) => {
  for (const move of [migrate, migrateCold]) {
    const site = await buildSite(['lun']);
    addTwin(site, HostName.parse(on));

    expect((await move(site)).outcome).toMatchObject({
      failure: {
        message: expect.stringMatching(
          /is the block device .*, which is used by twin on h\d/,
        ) as string,
      },
    });
  }
});

it.each(['h1', 'h2', 'h3'])(
  'a volume that a guest of %s has too stays, unless a person knows better',
  async (on) => {
    for (const move of [migrate, migrateCold]) {
      const site = await buildSite(['volume']);
      addTwin(site, HostName.parse(on));

      expect((await move(site)).outcome).toMatchObject({
        failure: {
          message: expect.stringMatching(
            /vda is the volume iscsi:iqn\S+, which is used by twin on h\d \(disk vda\).*--accept shared-volume/,
          ) as string,
        },
      });
      expect((await move(site, {}, { accept: ['shared-volume'] })).outcome).toMatchObject({
        kind: 'done',
      });
    }
  },
);
