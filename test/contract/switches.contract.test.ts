/** A guest on Open vSwitch: libvirt attaches it there on both hosts; drover's rules stand on Linux bridges only, and it says so. */
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const PORT = `<virtualport type='openvswitch'><parameters interfaceid='77000000-0000-4000-8000-00000000000e'/></virtualport>`;

/** vm1 is on br-int; `groups`: as its metadata say. */
async function onSwitch({ groups = '', type = 'bridge' } = {}): Promise<FakeSite> {
  const site = await buildSite(['shared']);
  const [guest] = hostOf(site.world, H1).guests.values();
  if (!guest) throw new Error('h1 has no guest');
  const change = (xml: string) =>
    xml
      .replace(/groups='[^']*'/, `groups='${groups}'`)
      .replace("<interface type='bridge'>", `<interface type='${type}'>`)
      .replace(
        "<source bridge='br0'/>",
        `<source ${type === 'bridge' ? "bridge='br-int'" : "network='ovn'"}/>${PORT}`,
      );
  guest.xml = change(guest.xml);
  guest.definition = change(guest.definition);
  for (const name of [H1, H2]) hostOf(site.world, name).switches.add('br-int');
  return site;
}

const says = (text: string) => ({
  kind: 'unwound',
  failure: { message: expect.stringContaining(text) as string },
});

it.each([migrate, migrateCold])(
  'moves with its id, and without a rule of drover’s (%p)',
  async (move) => {
    const site = await onSwitch();

    const { outcome } = await move(site);

    expect(outcome).toMatchObject({ kind: 'done' });
    const there = hostOf(site.world, H2);
    expect([...there.guests.values()][0]?.definition).toContain('00000000000e');
    expect(there.bindings.size).toBe(0);
  },
);

it.each([migrate, migrateCold])('stays where the target has no such switch (%p)', async (move) => {
  const site = await onSwitch();
  hostOf(site.world, H2).switches.clear();

  expect((await move(site)).outcome).toMatchObject(
    says('it lacks the Open vSwitch bridge br-int (interface'),
  );
});

it('stays if it has security groups, which would not hold there', async () => {
  const site = await onSwitch({ groups: 'web' });

  expect((await migrate(site)).outcome).toMatchObject(
    says('has security groups, which need a Linux bridge'),
  );
});

it('stays if a network of libvirt’s names the switch', async () => {
  const site = await onSwitch({ type: 'network' });

  expect((await migrate(site)).outcome).toMatchObject(
    says('is on the network ovn of an Open vSwitch, which drover cannot move yet'),
  );
});
