/** What a cold migration has set aside, and somebody has terminated: the audit puts it back where that can lose nothing. */
import { hostOf } from '../../drivers/fake/world.js';
import { Audited } from '../../model/audit.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrateCold, type FakeSite } from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const FOLDER = '/var/lib/libvirt/images/vm1';

/** vm1 is off, and its folder still has the name under which the move has put it aside. */
async function terminated(): Promise<FakeSite> {
  const site = await buildSite(['local']);
  const { guests, files } = hostOf(site.world, H1);
  for (const guest of guests.values()) guest.state = 'shutoff';
  for (const [path, file] of [...files])
    if (path === FOLDER || path.startsWith(`${FOLDER}/`)) {
      files.delete(path);
      files.set(path.replace(FOLDER, `${FOLDER}_resize`), file);
    }
  return site;
}
const audit = async (site: FakeSite, isRepairing: boolean) =>
  Audited.parse(
    await codeNamed('fleet.audit', site.deps).run({ isRepairing }, contextOn()),
  ).findings.filter(({ kind }) => kind === 'aside');

it('is put back, so that the guest can start, and the guest is named', async () => {
  const site = await terminated();
  const what = `${FOLDER}_resize: named so, as a cold migration names what it sets aside of vm1`;

  expect(await audit(site, false)).toMatchObject([
    { what, repair: 'rename it back: vm1 needs it to start', isRepaired: false },
  ]);
  expect(await audit(site, true)).toMatchObject([{ what, isRepaired: true }]);

  expect(hostOf(site.world, H1).files.has(`${FOLDER}/disk0`)).toBe(true);
  expect(await audit(site, false)).toEqual([]);
});

it.each<[string, (site: FakeSite) => unknown, RegExp]>([
  [
    'while another host has the guest too: a person compares the two',
    ({ world }) => {
      const [[uuid, guest] = []] = hostOf(world, H1).guests;
      if (uuid && guest) hostOf(world, H2).guests.set(uuid, { ...guest });
    },
    /^vm1 is on h2 too: .*compare both sides. disks/,
  ],
  [
    'where something has its name by now',
    ({ world }) => hostOf(world, H1).files.set(FOLDER, { content: '', isFolder: true }),
    /find out whose it is.*compare both sides. disks/,
  ],
])('stays aside %s', async (_what, make, words) => {
  const site = await terminated();
  make(site);

  const [finding] = await audit(site, true);

  expect(finding).toMatchObject({
    isRepaired: false,
    hint: expect.stringMatching(words) as string,
  });
  expect(hostOf(site.world, H1).files.has(`${FOLDER}_resize/disk0`)).toBe(true);
});

/** A neighbour's own disk is called as vm1's folder would be when it is set aside. */
async function withNamesake(): Promise<FakeSite> {
  const site = await buildSite(['local', 'neighbour']);
  const { guests, files } = hostOf(site.world, H1);
  const [old, own] = ['/var/lib/libvirt/images/near1/disk0', `${FOLDER}_resize`];
  for (const guest of guests.values()) {
    guest.xml = guest.xml.replaceAll(old, own);
    guest.definition = guest.definition.replaceAll(old, own);
  }
  files.set(own, { content: 'data of near1', isFolder: false });
  return site;
}

it('a neighbour’s own disk of such a name is no finding of the audit', async () => {
  const site = await withNamesake();

  expect(await audit(site, true)).toEqual([]);
  expect(hostOf(site.world, H1).files.get(`${FOLDER}_resize`)).toMatchObject({
    content: 'data of near1',
  });
});

it('a neighbour’s own disk of such a name is called its own when the guest is refused', async () => {
  const site = await withNamesake();

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: {
      code: 'STORAGE_UNSUITABLE',
      message: expect.stringMatching(
        /_resize on h1, and that is in use by near1 on h1 \(disk vda\).*that guest’s/,
      ) as string,
      hint: expect.not.stringContaining('h2') as string,
    },
  });
});

it('what nobody uses is only known by its name', async () => {
  const site = await buildSite(['local']);
  hostOf(site.world, H1).files.set(`${FOLDER}_resize`, { content: 'whose?', isFolder: false });

  const { outcome } = await migrateCold(site);
  const [finding] = await audit(site, true);

  expect(outcome).toMatchObject({
    failure: {
      message: expect.stringMatching(/_resize on h1, and something has that name there/) as string,
    },
  });
  expect(finding).toMatchObject({
    isRepaired: false,
    hint: expect.stringMatching(/more than its name is not known/) as string,
  });
});

it('a disk of such a name is not renamed while a guest on another host may use it', async () => {
  const site = await terminated();
  const h2 = hostOf(site.world, H2);
  const [[uuid, guest] = []] = hostOf(site.world, H1).guests;
  if (!uuid || !guest) throw new Error('h1 has no guest');
  const edit = (xml: string) =>
    xml
      .replaceAll(`${FOLDER}/disk0`, `${FOLDER}_resize/disk0`)
      .replaceAll(uuid, uuid.replace(/1$/, '8'))
      .replaceAll('vm1', 'vm8');
  const xml = edit(guest.xml).replaceAll('vm8_resize', 'vm1_resize');
  h2.guests.set(uuid.replace(/1$/, '8') as typeof uuid, {
    ...guest,
    name: 'vm8',
    xml,
    definition: xml,
  });

  const [finding] = await audit(site, true);

  expect(finding).toMatchObject({
    isRepaired: false,
    hint: expect.stringMatching(/A guest on h2 uses a file of that name/) as string,
  });
  expect(hostOf(site.world, H1).files.has(`${FOLDER}_resize/disk0`)).toBe(true);
});
