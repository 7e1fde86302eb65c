/** One strange thing on a host is told and passed over; everything else there is served (S20). */
import { hostOf, type FakeGuest } from '../../drivers/fake/world.js';
import { HostName, VmUuid } from '../../model/ids.js';
import { buildSite, type FakeSite } from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

const H1 = HostName.parse('h1');
const STRANGE = VmUuid.parse('77000000-0000-4000-8000-0000000000ff');

const run = async <T>(site: FakeSite, name: string, input: unknown): Promise<T> =>
  (await codeNamed(name, site.deps).run(input, contextOn())) as T;

/** vm1, and beside it a domain whose XML is deeper than any guest's. */
async function withStrangeGuest(): Promise<FakeSite> {
  const site = await buildSite(['local']);
  const xml = `<domain>${'<a>'.repeat(300)}${'</a>'.repeat(300)}</domain>`;
  const strange: FakeGuest = {
    name: 'strange',
    state: 'running',
    isPersistent: true,
    isAutostart: false,
    xml,
    definition: xml,
  };
  hostOf(site.world, H1).guests.set(STRANGE, strange);
  return site;
}

it('a domain that cannot be read is recorded, counts for its host, and says that it cannot move', async () => {
  const site = await withStrangeGuest();

  const { vms } = await run<{ vms: { name: string; tiedBy: string[] }[] }>(site, 'host.discover', {
    host: H1,
  });

  expect(vms.map(({ name }) => name)).toEqual(['vm1', 'strange']);
  expect(vms[1]?.tiedBy).toEqual([
    expect.stringMatching(
      /^the guest cannot be read \(.*nested deeper than 256\): see virsh dumpxml strange/,
    ),
  ]);
  expect(await site.inventory.vm('strange')).toMatchObject({ memoryBytes: 1024 ** 3, vcpus: 1 });
});

it('the others get their security groups', async () => {
  const site = await withStrangeGuest();

  expect(await run(site, 'host.enforceGroups', { host: H1 })).toMatchObject({ ports: 1 });
});

it('two guests with one MAC: the first has its rules, the second is named', async () => {
  const site = await buildSite(['local']);
  const { guests } = hostOf(site.world, H1);
  const [first] = guests.values();
  guests.set(STRANGE, { ...(first as FakeGuest), name: 'twin' });

  const { ports, passedOver } = await run<{ ports: number; passedOver: string[] }>(
    site,
    'host.enforceGroups',
    { host: H1 },
  );

  expect(ports).toBe(1);
  expect(passedOver).toEqual([
    expect.stringMatching(/^twin: another guest on this host has the same MAC, 52:54:00:77:00:01/),
  ]);
});

it('a guest whose security group is not known is named, and the others get theirs', async () => {
  const site = await buildSite(['local']);
  const { guests } = hostOf(site.world, H1);
  const [first] = guests.values();
  if (!first) throw new Error('the site has no guest');
  const other = first.xml.replaceAll(':01', ':02').replace("groups='web'", "groups='wbe'");
  guests.set(STRANGE, { ...first, name: 'misspelt', xml: other, definition: other });

  const { ports, passedOver } = await run<{ ports: number; passedOver: string[] }>(
    site,
    'host.enforceGroups',
    { host: H1 },
  );

  expect(ports).toBe(1);
  expect(passedOver).toEqual([
    expect.stringMatching(/^misspelt: .*the security group wbe is not known/),
  ]);
});

it('the janitor looks at all the rest', async () => {
  const site = await withStrangeGuest();
  const host = hostOf(site.world, H1);
  host.marks.set('/var/lib/libvirt/images/a\u0001b', new Set(['m-1']));
  host.marks.set('/var/lib/libvirt/images/left', new Set(['m-1']));

  const { findings, unasked } = await run<{
    findings: { what: string; hint?: string }[];
    unasked: string[];
  }>(site, 'fleet.audit', { isRepairing: true });

  expect(unasked).toEqual([]);
  expect(findings.map(({ what }) => what)).toEqual([
    expect.stringMatching(/a\\u0001b.*but drover never uses such a name/),
    expect.stringMatching(/images\/left: marked/),
  ]);
  // While a domain does not tell what it uses, nothing is removed.
  expect(host.marks.has('/var/lib/libvirt/images/left')).toBe(true);
});
