/** Confirm removes the source's copy only while the target's is there. */
import { hostOf, newInode } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrateCold, migrateWarm } from '../helpers/fake-migration.js';
import { off, overwrite } from '../helpers/spoil.js';

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

const H2 = HostName.parse('h2');

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
          /was changed since it was copied, and no log on h2 tells that vm1 has run there since/,
        ) as string,
      },
    ]);
    expect(outcome).toMatchObject({ kind: 'unwound' });
    expect(await site.picture()).toEqual(before);
  },
);

const NOT_TOLD = {
  code: 'GUEST_NOT_ON_TARGET',
  message: expect.stringMatching(/no log on h2 tells that vm1 has run there since/) as string,
  hint: expect.stringMatching(/or start vm1 on h2/) as string,
};

it('a log that was rotated, emptied or touched on the target is no sign that the guest has run there', async () => {
  const site = await off(['local']);
  const { files } = hostOf(site.world, H2);
  const rotate = (step: string) => {
    if (step !== 'guest.confirm') return;
    overwrite(site, H2, '/vm1/');
    const content = `emptied by logrotate ${newInode()}`;
    files.set('/var/log/libvirt/qemu/vm1.log', { content, isFolder: false });
  };

  const { engine } = await migrateCold(site, { onInput: rotate, answer: () => 'rollback' });

  expect(engine.holds).toMatchObject([NOT_TOLD]);
});

it('nor is a log of the time before the guest came there', async () => {
  const site = await off(['local']);
  hostOf(site.world, H2).logs.set('vm1', 0);

  const { engine } = await migrateCold(site, {
    onInput: (step) => {
      if (step === 'guest.confirm') overwrite(site, H2, '/vm1/');
    },
    answer: () => 'rollback',
  });

  expect(engine.holds).toMatchObject([NOT_TOLD]);
});

it('a guest that was started and ended on the target has written to its disks itself, wherever its log is by now', async () => {
  const site = await off(['local']);
  const { hypervisor } = await site.deps.dataCentre.on(H2);
  const [uuid] = hostOf(site.world, HostName.parse('h1')).guests.keys();
  if (!uuid) throw new Error('no guest');
  const holds: string[] = [];
  // First nothing tells of it; then its operator does what the hint says, and the disk stays as it is.
  const { outcome, engine } = await migrateCold(site, {
    onInput: (step) => {
      if (step === 'guest.confirm') overwrite(site, H2, '/vm1/');
    },
    answer: ({ step }) => {
      holds.push(step);
      void hypervisor.start(uuid, { isPaused: false }).then(() => hypervisor.destroy(uuid));
      return 'retry';
    },
  });

  expect(engine.holds).toMatchObject([NOT_TOLD]);
  expect(outcome).toMatchObject({ kind: 'done' });
});

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

it('what the copy lies over, changed on the target, is not confirmed', async () => {
  const site = await off(['local']);
  const spoil = (step: string) => {
    if (step === 'guest.confirm') overwrite(site, H2, 'base.qcow2');
  };

  const { outcome, engine } = await migrateCold(site, {
    onInput: spoil,
    answer: () => 'rollback',
  });

  expect(engine.holds).toMatchObject([
    {
      step: 'guest.confirm',
      message: expect.stringMatching(
        /base\.qcow2 on h2, which vm1 reads or has with it, is gone, or/,
      ) as string,
    },
  ]);
  expect(outcome).toMatchObject({ kind: 'unwound' });
});

it('an image that the guest only reads is looked for too, where it would go from the source with the guest’s folder', async () => {
  const site = await buildSite(['local', 'iso']);
  const { files } = hostOf(site.world, HostName.parse('h2'));
  let iso: string | undefined;
  const lose = (step: string) => {
    if (step !== 'guest.confirm') return;
    iso = [...files.keys()].find((path) => path.endsWith('vm1/disk1'));
    if (iso) files.delete(iso);
  };

  const { engine } = await migrateCold(site, { onInput: lose, answer: () => 'rollback' });

  expect(iso).toBeDefined();
  expect(engine.holds).toMatchObject([
    {
      step: 'guest.confirm',
      code: 'GUEST_NOT_ON_TARGET',
      message: expect.stringMatching(/vm1\/disk1 on h2, which vm1 reads .* is gone/) as string,
    },
  ]);
});

const ASIDE = '_resize';
const H1 = HostName.parse('h1');
const asides = (site: Awaited<ReturnType<typeof buildSite>>) => {
  const { files } = hostOf(site.world, H1);
  return [...files].filter(([path, { isFolder }]) => path.includes(ASIDE) && !isFolder);
};

it.each([
  ['put under its name', { inode: newInode() }],
  ['written over it', { content: 'of another' }],
])('confirm leaves what somebody has %s on the source, and says so', async (_how, change) => {
  const site = await buildSite(['local']);
  const { files } = hostOf(site.world, H1);
  const replaced: string[] = [];
  const replace = (step: string) => {
    if (step !== 'source.discard') return;
    for (const [path, file] of asides(site)) {
      files.set(path, { ...file, ...change });
      replaced.push(path);
    }
  };

  const { outcome } = await migrateCold(site, { onInput: replace });

  expect(replaced.length).toBeGreaterThan(0);
  for (const path of replaced) expect(files.has(path)).toBe(true);
  expect(outcome).toMatchObject({
    kind: 'done',
    value: {
      kept: expect.arrayContaining(
        replaced.map((path) => `${path}, since it is not the file that the move has left there`),
      ) as string[],
    },
  });
});

it.each([migrateCold, migrateWarm])(
  'confirm leaves nothing of what was set aside that is as it was (%p)',
  async (move) => {
    const site = await buildSite(['local', 'nvram']);

    const { outcome } = await move(site);

    expect(outcome).toMatchObject({ kind: 'done' });
    expect(asides(site)).toEqual([]);
  },
);
