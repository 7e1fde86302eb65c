/** What a cold migration has set aside, and somebody has terminated: the audit puts it back where that can lose nothing. */
import { hostOf } from '../../drivers/fake/world.js';
import { Audited } from '../../model/audit.js';
import { HostName } from '../../model/ids.js';
import { buildSite, type FakeSite } from '../helpers/fake-migration.js';
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
  const what = `${FOLDER}_resize of vm1 was set aside by a cold migration`;

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
    /^vm1 is on h2 too: compare both sides. disks/,
  ],
  [
    'where something has its name by now',
    ({ world }) => hostOf(world, H1).files.set(FOLDER, { content: '', isFolder: true }),
    /^compare both sides. disks/,
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
