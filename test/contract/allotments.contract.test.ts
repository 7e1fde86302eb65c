/** Shares of a host's cache, memory bandwidth and huge pages: the target must have them to give, before the guest is touched. */
import { hostOf, type FakeHost } from '../../drivers/fake/world.js';
import type { Allotments } from '../../drivers/interfaces/hypervisor/facts.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];

const MIB = 1024 ** 2;
/** An Intel host of libvirt's own tests: 15 MiB of L3 by whole MiBs, two at least, and bandwidth by tens. */
const WITH_RESCTRL: Allotments = {
  cache: [
    { id: 0, level: 3, type: 'both', sizeBytes: 15 * MIB, stepBytes: MIB, leastBytes: 2 * MIB },
  ],
  bandwidth: [{ id: 0, step: 10, least: 10 }],
  monitors: ['cache'],
};

/** vm1 with this in its definition. */
async function withElement(element: string, before: string): Promise<FakeSite> {
  const site = await buildSite(['shared']);
  const [guest] = hostOf(site.world, H1).guests.values();
  if (!guest) throw new Error('the site has no guest');
  const add = (xml: string) => xml.replace(before, `${element}${before}`);
  guest.xml = add(guest.xml);
  guest.definition = add(guest.definition);
  return site;
}

const cputune = (inner: string) => withElement(`<cputune>${inner}</cputune>`, '<devices>');
const cache = (id: number, size: number, type = 'both') =>
  cputune(
    `<cachetune vcpus='0'><cache id='${id}' level='3' type='${type}' size='${size}' unit='MiB'/></cachetune>`,
  );
const bandwidth = (id: number, share: number) =>
  cputune(`<memorytune vcpus='0'><node id='${id}' bandwidth='${share}'/></memorytune>`);
const monitor = (of: string) =>
  cputune(`<${of} vcpus='0'><monitor ${of === 'cachetune' ? `level='3' ` : ''}vcpus='0'/></${of}>`);
const dimm = (sizeMib: number) =>
  `<memory model='dimm'><source><pagesize unit='KiB'>2048</pagesize></source><target><size unit='KiB'>${sizeMib * 1024}</size><node>0</node></target></memory>`;
const dimms = (...sizes: readonly number[]) => withElement(sizes.map(dimm).join(''), '</devices>');

const give = (target: FakeHost): void => {
  target.allotments = WITH_RESCTRL;
};
const pages = (free: number) => (target: FakeHost) => {
  target.surroundings = { ...target.surroundings, hugePages: [{ sizeKib: 2048, free }] };
};
const nothing = () => undefined;

it.each<[string, () => Promise<FakeSite>, (target: FakeHost) => void, RegExp]>([
  ['a share of its cache', () => cache(0, 3), nothing, /no share of its L3 cache 0 .*resctrl/],
  ['a share of another cache', () => cache(1, 3), give, /no share of its L3 cache 1/],
  ['a share of the code’s cache', () => cache(0, 3, 'code'), give, /no share of its L3 cache 0/],
  ['less cache than it gives', () => cache(0, 1), give, /L3 cache 0 .*at least 2 MiB/],
  ['more cache than it has', () => cache(0, 16), give, /L3 cache 0 .*at most 15 MiB/],
  ['a share of its memory bandwidth', () => bandwidth(0, 20), nothing, /bandwidth of node 0/],
  ['a step of bandwidth', () => bandwidth(0, 25), give, /bandwidth of node 0 .*steps of 10/],
  ['a cache that is watched', () => monitor('cachetune'), nothing, /cannot watch .*cache/],
  ['a bandwidth that is watched', () => monitor('memorytune'), give, /cannot watch .*bandwidth/],
  ['huge pages for a memory device', () => dimms(64), pages(31), /31 free .*2048 KiB.* 32/],
  ['huge pages for two of them', () => dimms(64, 32), pages(47), /47 free .*2048 KiB.* 48/],
])('a guest with %s moves to no host that cannot give it', async (_what, make, change, says) => {
  for (const move of [migrate, migrateCold]) {
    const site = await make();
    change(hostOf(site.world, H2));
    const before = await site.picture();

    const { outcome } = await move(site);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { code: 'TARGET_UNSUITABLE', message: expect.stringMatching(says) as string },
    });
    expect(await site.picture()).toEqual(before);
  }
});

it.each<[string, () => Promise<FakeSite>, (target: FakeHost) => void]>([
  ['a share of its cache', () => cache(0, 3), give],
  ['a share of its bandwidth', () => bandwidth(0, 20), give],
  ['a cache that is watched', () => monitor('cachetune'), give],
  ['huge pages for its memory devices', () => dimms(64, 32), pages(48)],
])('a guest with %s moves to a host that has it', async (_what, make, change) => {
  for (const move of [migrate, migrateCold]) {
    const site = await make();
    change(hostOf(site.world, H2));

    const { outcome } = await move(site);

    expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
  }
});

it('a memory device’s NUMA nodes of the source are left out, and that is said', async () => {
  const memory = dimm(64).replace('<pagesize', '<nodemask>1-3</nodemask><pagesize');
  const site = await withElement(memory, '</devices>');
  pages(32)(hostOf(site.world, H2));

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    kind: 'done',
    value: {
      remarks: expect.arrayContaining([
        expect.stringMatching(/nodemask dropped: the source’s NUMA nodes mean nothing/),
      ]) as string[],
    },
  });
});

it.each(['disk', 'layer below a disk'])(
  'a guest whose %s is a file that another process holds open does not move, and the way out is said',
  async (where) => {
    const site = await buildSite(['shared']);
    const [guest] = hostOf(site.world, H1).guests.values();
    if (!guest) throw new Error('the site has no guest');
    const own = (xml: string) => xml.replace('<source file=', `<source fdgroup='handed' file=`);
    const below = (xml: string) =>
      xml.replace(
        '</disk>',
        `<backingStore type='file'><format type='raw'/><source file='/srv/a' fdgroup='handed'/></backingStore></disk>`,
      );
    const add = where === 'disk' ? own : below;
    guest.xml = add(guest.xml);
    guest.definition = add(guest.definition);

    for (const move of [migrate, migrateCold]) {
      const { outcome } = await move(site);

      expect(outcome).toMatchObject({
        kind: 'unwound',
        failure: {
          message: expect.stringMatching(
            /disk vda is a file that another process has opened \(fdgroup handed\).*name the file/,
          ) as string,
        },
      });
    }
  },
);
