/** `drover hosts check`: what a host, or a pair of hosts, lacks is said before any move, with what mends it. */
import { hostOf, type FakeHost } from '../../drivers/fake/world.js';
import { Host } from '../../model/host.js';
import { HostChecks, type HostCheck } from '../../model/host-check.js';
import { HostName } from '../../model/ids.js';
import { buildSite, type FakeSite } from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];

let site: FakeSite;
let h1: FakeHost;
let h2: FakeHost;
beforeEach(async () => {
  site = await buildSite(['shared']);
  h1 = hostOf(site.world, H1);
  h2 = hostOf(site.world, H2);
});

const check = async (pair: { host: HostName; to?: HostName }): Promise<HostCheck[]> => {
  const found = await codeNamed('host.check', site.deps).run(pair, contextOn());
  return HostChecks.parse(found).checks;
};
/** What is not as it should be, in one line each. */
const told = async (pair: { host: HostName; to?: HostName } = { host: H1, to: H2 }) =>
  (await check(pair))
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ where, about, verdict, found }) => `${verdict} ${where}, ${about}: ${found}`);

it('finds nothing to say of two hosts that have all, and changes nothing', async () => {
  const before = await site.picture();

  expect(await told()).toEqual([]);
  expect(new Set((await check({ host: H1, to: H2 })).map(({ where }) => where))).toEqual(
    new Set(['h1', 'h2', 'h1 to h2']),
  );
  expect(await site.picture()).toEqual(before);
});

it.each<[string, () => void, string]>([
  ['a command', () => void h1.lacks.add('nft'), 'lacks h1, commands: nft is missing'],
  [
    'a command that few moves need',
    () => void h1.lacks.add('swtpm'),
    'some h1, commands: no swtpm, which is for guests with an emulated TPM',
  ],
  [
    'KVM',
    () => (h1.equipment = { ...h1.equipment, hasKvm: false }),
    'some h1, KVM: no /dev/kvm: guests of type kvm do not start here',
  ],
  [
    'rules for bridges',
    () => (h1.equipment = { ...h1.equipment, hasBridgeRules: false }),
    'lacks h1, nftables: the kernel takes no rules for bridges',
  ],
  [
    'a newer hypervisor',
    () => (h1.facts = { ...h1.facts, qemuVersion: 5_002_000 }),
    'some h1, libvirt: libvirt 9.0.0, QEMU 5.2.0: drover was tried with 9.0 and 7.2 and later',
  ],
  [
    'a network',
    () => (h1.facts = { ...h1.facts, bridges: [], networks: [] }),
    'some h1, networks: no bridge and no active network: no guest with an interface comes here',
  ],
])('says of a host that it lacks %s', async (_what, make, words) => {
  make();

  expect(await told({ host: H1 })).toEqual([words]);
});

it('says that a storage root is not there (S2)', async () => {
  const record = Host.parse({ ...h1.record, storage: ['/srv/vms', '/var/lib/libvirt/images'] });
  Object.assign(h1, { record });

  expect(await told({ host: H1 })).toEqual(['lacks h1, storage: /srv/vms is no folder here']);
});

describe('certificates (S22)', () => {
  const certificates = (of: Partial<FakeHost['equipment']['certificates']>) => {
    h2.equipment = { ...h2.equipment, certificates: { ...h2.equipment.certificates, ...of } };
  };

  it.each<[string, Partial<FakeHost['equipment']['certificates']>, RegExp]>([
    ['missing', { files: ['ca-cert.pem'] }, /lacks server-cert.pem, server-key.pem, client-cert/],
    ['ending', { isEnding: true }, /server-cert.pem has ended, or does so in a week/],
    ['for another address', { isForAnother: true }, /server-cert.pem is not for h2/],
    ['of another authority', { authority: 'another' }, /of two authorities/],
    ['of no authority', { authority: undefined }, /not on both/],
  ])('that are %s are told', async (_what, of, words) => {
    certificates(of);

    expect(await told()).toEqual([expect.stringMatching(words)]);
  });

  it('of clients are not asked for where QEMU does not ask for them', async () => {
    const files = ['ca-cert.pem', 'server-cert.pem', 'server-key.pem'];
    certificates({ files, asksClients: false });

    expect(await told()).toEqual([]);
  });
});

describe('between two hosts', () => {
  it.each<[string, () => void, RegExp]>([
    ['memory', () => void h2.droppedPorts.add(49_152), /^lacks h1 to h2, memory: h2 is silent/],
    ['copies', () => void h1.droppedPorts.add(50_000), /^lacks h1 to h2, copies: h1 is silent/],
    ['clocks', () => (h2.clockAheadMs = 60_000), /^some h1 to h2, clocks: are 60 s apart/],
    [
      'an older QEMU',
      () => (h1.facts = { ...h1.facts, qemuVersion: 8_000_000 }),
      /^some h1 to h2, versions: QEMU 7.2.0 is older than 8.0.0: live moves only with --accept older-hypervisor/,
    ],
    [
      'the bridge of a guest',
      () => (h2.facts = { ...h2.facts, bridges: [] }),
      /^some h1 to h2, guests: vm1: it lacks the bridge br0/,
    ],
  ])('%s: is said, with what goes without it', async (_what, make, words) => {
    make();

    expect(await told()).toEqual([expect.stringMatching(words)]);
  });

  it('a cut link says that its libvirt, its memory and the copies are not reached', async () => {
    site.world.isLinkCut = true;

    expect(await told()).toEqual([
      expect.stringMatching(/^lacks h1 to h2, libvirt: .*no route to host: no live moves/),
      expect.stringMatching(/^lacks h1 to h2, memory/),
      expect.stringMatching(/^lacks h1 to h2, copies/),
    ]);
  });
});

it('a host that does not answer is one line, and not the end of the check', async () => {
  site.faults.at = { call: 1, mode: 'lost' };

  expect(await told({ host: H1 })).toEqual([
    expect.stringMatching(/^lacks h1, ssh: injected: the reply of h1.surroundings.equipment/),
  ]);
});

it('a host that drover does not know is refused', async () => {
  const host = HostName.parse('kvm9');

  await expect(check({ host })).rejects.toThrow(/kvm9/);
});
