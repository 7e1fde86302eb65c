/** The way from host to host: its addresses and its firewall are looked at before anything is changed. */
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrate, migrateCold } from '../helpers/fake-migration.js';

const [H1, H2] = ['h1', 'h2'].map((name) => HostName.parse(name)) as [HostName, HostName];

it.each([
  ['libvirtUri', 'qemu+tcp://10.0.0.13/system', '--uri'],
  ['migrationAddress', '10.0.0.13', '--migration-address'],
])(
  'a guest whose target’s %s leads to another host does not move live',
  async (field, value, flag) => {
    const site = await buildSite(['local']);
    const target = hostOf(site.world, H2);
    target.surroundings = {
      ...target.surroundings,
      addresses: [{ address: '10.0.0.12', prefixLength: 24 }],
    };
    Object.assign(target.record, { [field]: value });
    await site.inventory.putHost(target.record);

    const { outcome } = await migrate(site);

    expect(outcome).toMatchObject({
      failure: {
        message: expect.stringMatching(
          new RegExp(`the ${flag} of h2 leads to 10.0.0.13, which is no address of h2`),
        ) as string,
      },
    });
  },
);

it('a firewall that drops the packets of copies is told before the power-off, of a guest that needs them (G22)', async () => {
  const site = await buildSite(['local']);
  hostOf(site.world, H1).droppedPorts.add(50_000);
  const before = await site.picture();

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    failure: {
      message: expect.stringMatching(/the link gives no answer at .*--accept copy-ports/) as string,
    },
  });
  expect(await site.picture()).toEqual(before);
  const shared = await buildSite(['shared']);
  hostOf(shared.world, H1).droppedPorts.add(50_000);
  expect((await migrateCold(shared)).outcome.kind).toBe('done');
});

it('a word that no objection has is told: most likely another was meant', async () => {
  const site = await buildSite(['local']);

  const { outcome } = await migrateCold(site, {}, { accept: ['nonsense'] });

  expect(outcome).toMatchObject({
    kind: 'done',
    value: { remarks: ['--accept nonsense met no objection'] },
  });
});
