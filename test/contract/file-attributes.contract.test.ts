/** What a guest's files have beside content, owner and mode is not brought, and the operator is told so before and after. */
import { filesOf, hostOf } from '../../drivers/fake/world.js';
import type { DiskKind } from '../../drivers/fake/build.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const H1 = HostName.parse('h1');

/** vm1, whose files on h1 that are meant have an ACL and attributes. */
async function withExtras(disks: readonly DiskKind[], path: RegExp): Promise<FakeSite> {
  const site = await buildSite(disks);
  for (const guest of hostOf(site.world, H1).guests.values())
    for (const [, file = ''] of guest.definition.matchAll(/<source file='([^']*)'/g)) {
      const files = filesOf(site.world, hostOf(site.world, H1), file);
      const found = files.get(file);
      if (found && path.test(file))
        files.set(file, {
          ...found,
          owned: 'root:kvm:0660',
          extras: ['ACL', 'user.owner', 'chattr +C'],
        });
    }
  return site;
}

const SAID =
  /^\S*\/vm1\/disk0 has ACL, user\.owner, chattr \+C on h1, which its copy on h2 will not have.*its mode 0660 holds for its whole group.*getfacl, getfattr, lsattr/;

it.each([
  ['a dry run of a live move', (site: FakeSite) => migrate(site, {}, { mode: 'plan' })],
  ['a live move', (site: FakeSite) => migrate(site)],
  ['a dry run of a cold one', (site: FakeSite) => migrateCold(site, {}, { mode: 'plan' })],
  ['a cold one', (site: FakeSite) => migrateCold(site)],
])('%s says which of a disk’s attributes stay behind', async (_what, move) => {
  const { outcome } = await move(await withExtras(['local'], /./));

  expect(outcome).toMatchObject({
    kind: 'done',
    value: { remarks: [expect.stringMatching(SAID) as string] },
  });
});

it('says nothing of a file that both hosts have', async () => {
  const { outcome } = await migrateCold(await withExtras(['shared'], /./));

  expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
  expect(outcome.kind === 'done' && outcome.value.remarks).toBeUndefined();
});
