/** Confirm removes the source's copy only while the target's is there. */
import { hostOf, newInode } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrateCold, migrateWarm, type FakeSite } from '../helpers/fake-migration.js';

it('a disk that is gone from the target is said, and the source’s copy is given back', async () => {
  const site = await buildSite(['local']);
  const onSource = () => new Map([...hostOf(site.world, HostName.parse('h1')).files].sort());
  const before = onSource();
  const { files } = hostOf(site.world, HostName.parse('h2'));
  const lose = (step: string) => {
    if (step === 'guest.confirm')
      for (const path of [...files.keys()]) if (path.includes('vm1')) files.delete(path);
  };

  const { outcome, engine } = await migrateCold(site, { onInput: lose, answer: () => 'rollback' });

  expect(engine.holds).toMatchObject([
    {
      step: 'guest.confirm',
      code: 'GUEST_NOT_ON_TARGET',
      message: expect.stringMatching(/vm1 is on h2, but its disk is not: .*vm1/) as string,
    },
  ]);
  expect(outcome).toMatchObject({ kind: 'unwound' });
  expect(onSource()).toEqual(before);
});

it('another file under the disk’s name is not taken for the copy', async () => {
  const site = await buildSite(['local']);
  const { files } = hostOf(site.world, HostName.parse('h2'));
  const replaced: string[] = [];
  const replace = (step: string) => {
    if (step !== 'guest.confirm') return;
    for (const [path, file] of [...files])
      if (path.includes('vm1') && !file.isFolder) {
        files.set(path, { ...file, inode: newInode() });
        replaced.push(path);
      }
  };

  const { outcome, engine } = await migrateCold(site, {
    onInput: replace,
    answer: () => 'rollback',
  });

  expect(replaced.length).toBeGreaterThan(0);
  expect(engine.holds).toMatchObject([
    {
      step: 'guest.confirm',
      code: 'GUEST_NOT_ON_TARGET',
      message: expect.stringMatching(/vm1.* on h2 is another file than was copied/) as string,
    },
  ]);
  expect(outcome).toMatchObject({ kind: 'unwound' });
  // Nor is it removed with what the move has made.
  for (const path of replaced) expect(files.has(path)).toBe(true);
});

/** vm1 is off, and moves so. */
async function off(disks: Parameters<typeof buildSite>[0]): Promise<FakeSite> {
  const site = await buildSite(disks);
  for (const guest of hostOf(site.world, H1).guests.values()) guest.state = 'shutoff';
  return site;
}

/** Somebody writes to what has `word` in its name, without a change of its length or place. */
const overwrite = (site: FakeSite, host: HostName, word: string): void => {
  const { files } = hostOf(site.world, host);
  for (const [path, file] of files)
    if (path.includes(word) && !file.isFolder)
      files.set(path, { ...file, content: file.content.replace(/^../, 'XX') });
};

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];

it.each([
  ['a disk', ['local'], '/vm1/'],
  ['firmware variables', ['local', 'nvram'], '_VARS.fd'],
  ['a TPM’s keys', ['local', 'tpm'], 'permall'],
] as const)(
  '%s that somebody has written to on the target before the guest ran there is no copy any more',
  async (_what, disks, word) => {
    const site = await off(disks);
    const before = await site.picture();
    const spoil = (step: string) => {
      if (step === 'guest.confirm') overwrite(site, H2, word);
    };

    const { outcome, engine } = await migrateCold(site, {
      onInput: spoil,
      answer: () => 'rollback',
    });

    expect(engine.holds).toMatchObject([
      {
        step: 'guest.confirm',
        code: 'GUEST_NOT_ON_TARGET',
        message: expect.stringMatching(
          /was changed since it was copied, and vm1 has not run there/,
        ) as string,
      },
    ]);
    expect(outcome).toMatchObject({ kind: 'unwound' });
    expect(await site.picture()).toEqual(before);
  },
);

it('a guest that runs on the target by now writes to its disks itself', async () => {
  const site = await off(['local']);
  const start = (step: string) => {
    if (step !== 'guest.confirm') return;
    overwrite(site, H2, '/vm1/');
    for (const guest of hostOf(site.world, H2).guests.values()) guest.state = 'running';
  };

  const { outcome } = await migrateCold(site, { onInput: start });

  expect(outcome).toMatchObject({ kind: 'done' });
});

it.each([
  ['cold', 'vm1_resize/disk0'],
  ['warm', 'vm1_resize/disk0'],
  ['warm', '.warm-'],
])(
  'a %s revert keeps the copy if %s was changed: then the copy is the good one',
  async (way, word) => {
    const site = way === 'warm' ? await buildSite(['local']) : await off(['local']);
    const spoil = (step: string) => {
      if (step === 'guest.verify') overwrite(site, H1, word);
    };

    const { engine } = await (way === 'warm' ? migrateWarm : migrateCold)(site, {
      onInput: spoil,
      decide: 'revert',
      answer: () => 'skip',
    });

    expect(engine.holds).toMatchObject([
      {
        code: 'SOURCE_STALE',
        message: expect.stringMatching(
          /vda of vm1 on h1 was changed, or is another file, since it was set aside .*: its copy on h2 is the last one, and stays/,
        ) as string,
      },
    ]);
    const copies = [...hostOf(site.world, H2).files].filter(([path]) => path.includes('/vm1/'));
    expect(copies.map(([, { content }]) => content)).toContainEqual(
      expect.stringContaining('data of vm1'),
    );
  },
);

it.each(['lost', 'overwritten'])(
  'a revert keeps a TPM’s state if the source’s was %s',
  async (how) => {
    const site = await off(['local', 'tpm']);
    const lose = (step: string) => {
      const { files } = hostOf(site.world, H1);
      if (step !== 'guest.verify') return;
      if (how === 'overwritten') return overwrite(site, H1, 'permall');
      for (const path of [...files.keys()]) if (path.includes('permall')) files.delete(path);
    };

    const { engine } = await migrateCold(site, {
      onInput: lose,
      decide: 'revert',
      answer: () => 'retry',
    });

    expect(engine.holds).toMatchObject([
      {
        code: 'SOURCE_STALE',
        message: expect.stringMatching(
          /the TPM’s state of vm1 is not on h1 any more as it was/,
        ) as string,
      },
    ]);
    expect([...hostOf(site.world, H2).files.keys()]).toContainEqual(
      expect.stringContaining('permall'),
    );
  },
);
