/** What somebody has removed or renamed on the source, before the move removes it there: the report says so. */
import { renameAll } from '../../drivers/fake/copy.js';
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const H1 = HostName.parse('h1');
const filesOf = (site: FakeSite) => hostOf(site.world, H1).files;
const diskIn = (site: FakeSite, folder: string): string => {
  const found = [...filesOf(site).keys()].find((path) => path.includes(`${folder}/disk`));
  if (found === undefined) throw new Error(`no disk in ${folder}`);
  return found;
};
const WAYS = [
  { way: 'live', move: migrate, at: 'source.destroy', folder: '/vm1' },
  { way: 'cold', move: migrateCold, at: 'source.discard', folder: '/vm1_resize' },
] as const;

it.each(WAYS)(
  'after a $way move a disk that is not there any more',
  async ({ move, at, folder }) => {
    const site = await buildSite(['local']);
    let gone = '';
    const remove = (step: string) => {
      if (step !== at) return;
      gone = diskIn(site, folder);
      filesOf(site).delete(gone);
    };

    const { outcome } = await move(site, { onInput: remove });

    expect(outcome).toMatchObject({
      kind: 'done',
      value: {
        remarks: [
          expect.stringMatching(`^${gone} was not on h1 any more: this move has not removed it`),
        ],
      },
    });
  },
);

it.each(WAYS)('after a $way move a disk that has another name', async ({ move, at, folder }) => {
  const site = await buildSite(['local']);
  let disk = '';
  const rename = (step: string) => {
    if (step !== at) return;
    disk = diskIn(site, folder);
    renameAll(filesOf(site), disk, '/srv/mine');
  };

  const { outcome } = await move(site, { onInput: rename });

  expect(filesOf(site).has('/srv/mine')).toBe(true);
  expect(outcome).toMatchObject({
    kind: 'done',
    value: { remarks: [expect.stringMatching(`^${disk} .*has renamed it, it lies there still`)] },
  });
});

it('after a cold move what somebody has given its old name back stays, by that name', async () => {
  const site = await buildSite(['local']);
  let disk = '';
  const giveBack = (step: string) => {
    if (step !== 'source.discard') return;
    const aside = diskIn(site, '/vm1_resize');
    disk = aside.replace('_resize', '');
    renameAll(
      filesOf(site),
      aside.slice(0, aside.lastIndexOf('/')),
      disk.slice(0, disk.lastIndexOf('/')),
    );
  };

  const { outcome } = await migrateCold(site, { onInput: giveBack });

  expect(filesOf(site).has(disk)).toBe(true);
  expect(outcome).toMatchObject({
    kind: 'done',
    value: { remarks: [expect.stringMatching(`_resize/.* any more: .*has it as ${disk}, `)] },
  });
});

it.each(WAYS)(
  'a $way move whose last step was repeated does not take its own work for another’s',
  async ({ move, at }) => {
    const site = await buildSite(['local']);

    const { outcome } = await move(site, { repeat: at });

    expect(outcome).toMatchObject({ kind: 'done' });
    expect(outcome).not.toHaveProperty('value.remarks');
  },
);
