/** A revert takes nothing of the target before all that the guest goes back to is there, as it was. */
import { hostOf, newInode } from '../../drivers/fake/world.js';
import { Audited } from '../../model/audit.js';
import { HostName } from '../../model/ids.js';
import type { Hold } from '../../model/progress.js';
import { buildSite, migrateCold, migrateWarm, type FakeSite } from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';
import { contentsOf, lose, off, overwrite } from '../helpers/spoil.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const STALE = { step: 'guest.checkWayBack', code: 'SOURCE_STALE' };
const saying = (pattern: RegExp) => ({
  ...STALE,
  message: expect.stringMatching(pattern) as string,
});

/** Reverts a move; something happens by hand right before the decision. */
const revert = (
  move: typeof migrateCold,
  site: FakeSite,
  byHand: () => unknown,
  answer: (hold: Hold) => 'retry' | 'skip' = () => 'skip',
) =>
  move(site, {
    onInput: (step) => {
      if (step === 'guest.verify') byHand();
    },
    decide: 'revert',
    answer,
  });

it.each([
  ['cold', 'changed', 'vm1_resize/disk0'],
  ['cold', 'gone', 'vm1_resize/disk0'],
  ['warm', 'changed', 'vm1_resize/disk0'],
  ['warm', 'changed', '.warm-'],
  ['warm', 'gone', '.warm-'],
])('after a %s move, %s on the source: %s keeps the copies', async (way, how, word) => {
  const site = way === 'warm' ? await buildSite(['local']) : await off(['local']);
  const byHand = () => (how === 'gone' ? lose(site, H1, word) : overwrite(site, H1, word));

  const { engine } = await revert(way === 'warm' ? migrateWarm : migrateCold, site, byHand);

  expect(engine.holds[0]).toMatchObject(
    saying(
      /vda of vm1 on h1 (?:was changed, or is another file|is not there any more).*: its copy on h2 is the last one, and stays/,
    ),
  );
  expect(contentsOf(site, H2, '/vm1/')).toContainEqual(expect.stringContaining('data of vm1'));
});

it.each(['changed', 'gone'])(
  'what its disk lies over, %s on the source, keeps the copies, and what they lie over',
  async (how) => {
    const site = await off(['local']);
    const byHand = () =>
      how === 'gone' ? lose(site, H1, 'base.qcow2') : overwrite(site, H1, 'base.qcow2');

    const { engine } = await revert(migrateCold, site, byHand);

    expect(engine.holds[0]).toMatchObject(
      saying(/vda of vm1 on h1 .*: its copy on h2 is the last one, and stays/),
    );
    expect(contentsOf(site, H2, 'vm1/disk0')).toHaveLength(1);
    expect(contentsOf(site, H2, 'base.qcow2')).toEqual(['base image']);
  },
);

it('what is brought back with its times is back', async () => {
  const site = await off(['local']);
  const { files } = hostOf(site.world, H1);
  const copyOver = () => {
    for (const [path, file] of [...files])
      if (path.includes('_resize/disk0')) files.set(path, { ...file, inode: newInode() });
  };

  const { engine, outcome } = await revert(migrateCold, site, copyOver);

  expect(engine.holds).toEqual([]);
  expect(outcome).toMatchObject({ kind: 'unwound', kept: [], leftovers: [] });
});

it('a guest that somebody has started on the source keeps what is on the target', async () => {
  const site = await off(['local']);
  const start = () => {
    for (const guest of hostOf(site.world, H1).guests.values()) guest.state = 'running';
  };

  const { engine } = await revert(migrateCold, site, start);

  expect(engine.holds[0]).toMatchObject(saying(/somebody has started vm1 on h1/));
});

it('the guest still runs on the target when that is said', async () => {
  const site = await buildSite(['local']);
  const states: unknown[] = [];
  const look = (): 'skip' => {
    states.push([...hostOf(site.world, H2).guests.values()].map(({ state }) => state));
    return 'skip';
  };

  await revert(migrateCold, site, () => overwrite(site, H1, 'vm1_resize/disk0'), look);

  expect(states[0]).toEqual(['running']);
});

it.each(['lost', 'overwritten'])('a TPM’s state that was %s keeps its copy', async (how) => {
  const site = await off(['local', 'tpm']);
  const byHand = () =>
    how === 'lost' ? lose(site, H1, 'permall') : overwrite(site, H1, 'permall');

  const { engine } = await revert(migrateCold, site, byHand);

  expect(engine.holds).toMatchObject([saying(/the TPM’s state of vm1 is not on h1 any more as/)]);
  expect(contentsOf(site, H2, 'permall')).toHaveLength(1);
});

it('a disk that is lost keeps the TPM on the target as well: one does not open without the other', async () => {
  const site = await off(['local', 'tpm']);

  const { engine } = await revert(migrateCold, site, () => lose(site, H1, 'vm1_resize/disk0'));

  expect(engine.holds[0]).toMatchObject(saying(/vda of vm1 on h1 is not there any more/));
  expect(contentsOf(site, H2, 'permall')).toHaveLength(1);
});

it('a TPM’s state that somebody has opened, and not changed, is as it was', async () => {
  const site = await off(['local', 'tpm']);
  const { files } = hostOf(site.world, H1);
  const open = () => {
    for (const [path, file] of [...files])
      if (path.includes('permall')) files.set(path, { ...file, inode: newInode() });
  };

  const { engine, outcome } = await revert(migrateCold, site, open);

  expect(engine.holds).toEqual([]);
  expect(outcome).toMatchObject({ kind: 'unwound', leftovers: [] });
  expect(contentsOf(site, H2, 'permall')).toEqual([]);
});

it('a retry looks again: it holds until what is missing is back, and says what stays', async () => {
  const site = await off(['local']);
  const before = contentsOf(site, H1, '/vm1');
  let putBack: () => void = () => undefined;
  let asked = 0;
  const answer = () => {
    if (++asked === 3) putBack();
    return 'retry' as const;
  };

  const { engine, outcome } = await revert(
    migrateCold,
    site,
    () => (putBack = lose(site, H1, 'vm1_resize/disk0')),
    answer,
  );

  expect(engine.holds).toMatchObject([STALE, STALE, STALE]);
  expect(contentsOf(site, H1, '/vm1')).toEqual(before);
  expect(outcome).toMatchObject({
    kept: expect.arrayContaining([
      expect.stringMatching(/vm1\/disk0 on h2 stays: it was the last copy/),
    ]) as string[],
  });
});

it('who has skipped it is not asked again; the copies stay, and an audit names them', async () => {
  const site = await off(['local', 'tpm']);

  const { engine } = await revert(migrateCold, site, () => lose(site, H1, 'vm1_resize/disk0'));

  // Without its disk the guest does not come back by itself, which is another matter.
  expect(engine.holds.filter(({ code }) => code === 'SOURCE_STALE')[0]).toMatchObject(STALE);
  expect(engine.holds.filter(({ message }) => /is the last one/.test(message))).toHaveLength(1);
  const audited = Audited.parse(
    await codeNamed('fleet.audit', site.deps).run({ isRepairing: true }, contextOn()),
  );
  const last = audited.findings.filter(({ what }) => what.includes('the last copy'));
  expect(last.map(({ what, isRepaired }) => [what.split(':')[0], isRepaired])).toEqual(
    expect.arrayContaining([
      [expect.stringContaining('vm1/disk0'), false],
      [expect.stringContaining('permall'), false],
    ]),
  );
  expect(contentsOf(site, H2, '/vm1/')).toContainEqual(expect.stringContaining('data of vm1'));
});

it('disks on shared storage keep what was written meanwhile, and it is said that the TPM does not', async () => {
  const site = await off(['shared', 'tpm']);

  const { outcome } = await revert(migrateCold, site, () => undefined);

  expect(outcome).toMatchObject({
    kept: [
      expect.stringMatching(
        /^the TPM of vm1 on h1: as before the move; its disks on shared storage have what it wrote on h2/,
      ),
    ],
  });
});
