/** Guests of hosts that a move does not name, but that see its storage: nothing is removed from under them, whoever removes it. */
import { hostOf, type FakeGuest } from '../../drivers/fake/world.js';
import { Audited } from '../../model/audit.js';
import { HostName, MigrationId, VmUuid } from '../../model/ids.js';
import { buildSite, migrateCold, type FakeSite } from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

const [H1, H2, H3] = ['h1', 'h2', 'h3'].map((name) => HostName.parse(name)) as [
  HostName,
  HostName,
  HostName,
];
const COPY = '/srv/shared/vm1/disk0';
const MAPS = { storageMaps: ['/var/lib/libvirt/images/vm1=/srv/shared/vm1'] };

/** h3 has a guest over that file. */
function addUser(site: FakeSite, path: string): void {
  const definition = `<domain type='kvm'><name>third</name><devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${path}'/><target dev='vda'/></disk></devices></domain>`;
  const third: FakeGuest = {
    name: 'third',
    state: 'shutoff',
    isPersistent: true,
    isAutostart: false,
    xml: definition,
    definition,
  };
  hostOf(site.world, H3).guests.set(VmUuid.parse('77000000-0000-4000-8000-0000000000ff'), third);
}

it('a shared disk that a guest of another host uses is not set aside: a cold move is refused, with its name', async () => {
  const site = await buildSite(['shared']);
  addUser(site, '/srv/shared/vm1/disk0');
  const before = await site.picture();

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: {
      code: 'STORAGE_UNSUITABLE',
      message: expect.stringMatching(/disk0 is used by third on h3 .*same storage/) as string,
    },
  });
  expect(await site.picture()).toEqual(before);
});

it('a revert leaves a copy on shared storage that a guest of another host uses by now, and says so', async () => {
  const site = await buildSite(['local']);
  const use = (step: string) => {
    if (step === 'guest.verify') addUser(site, COPY);
  };

  const { outcome } = await migrateCold(site, { decide: 'revert', onInput: use }, MAPS);

  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: { code: 'REVERTED' },
    kept: expect.arrayContaining([
      expect.stringMatching(/disk0 on h2 stays: third on h3 .*uses it by now/),
    ]) as string[],
  });
  expect(site.world.sharedFiles.has(COPY)).toBe(true);
});

it('confirm leaves the source’s file on shared storage to a guest of another host that uses it by now', async () => {
  const site = await buildSite(['shared']);
  hostOf(site.world, H2).files.set('/fast', { content: '', isFolder: true });
  const aside = '/srv/shared/vm1_resize/disk0';
  const use = (step: string) => {
    if (step === 'guest.confirm') addUser(site, aside);
  };

  const { outcome } = await migrateCold(
    site,
    { onInput: use },
    { storageMaps: ['/srv/shared/vm1=/fast/vm1'] },
  );

  expect(outcome).toMatchObject({
    kind: 'done',
    value: {
      kept: expect.arrayContaining([expect.stringMatching(/used by third on h3/)]) as string[],
    },
  });
  expect(site.world.sharedFiles.has(aside)).toBe(true);
});

it('the audit drops the mark of a file that a guest of another host uses, and leaves the file', async () => {
  const site = await buildSite(['shared']);
  const file = '/srv/shared/vm1/disk0';
  const owner = MigrationId.parse('migration-that-ended');
  for (const host of [H2, H3]) hostOf(site.world, host).marks.set(file, new Set([owner]));
  const ended = { workflowId: 'migration/x', isOpen: false };
  const context = { ...contextOn(), runOf: () => Promise.resolve(ended) };

  const { findings } = Audited.parse(
    await codeNamed('fleet.audit', site.deps).run({ isRepairing: true }, context),
  );

  expect(findings.filter(({ kind }) => kind === 'file')).toMatchObject(
    [H2, H3].map((host) => ({ host, isRepaired: true, repair: 'drop the mark, keep the file' })),
  );
  expect(site.world.sharedFiles.has(file)).toBe(true);
});

describe('what somebody does by hand while a move waits', () => {
  it('the source’s disk is gone: a revert keeps the last copy, and waits', async () => {
    const site = await buildSite(['local']);
    const { files } = hostOf(site.world, H1);
    const lose = (step: string) => {
      if (step === 'guest.verify')
        for (const path of [...files.keys()]) if (path.includes('vm1_resize/')) files.delete(path);
    };

    const { engine } = await migrateCold(site, {
      decide: 'revert',
      onInput: lose,
      answer: () => 'skip',
    });

    expect(engine.holds).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(
          /vda of vm1 on h1 is not there any more .*: its copy on h2 is the last one, and stays/,
        ) as string,
      }),
    );
    expect(
      [...hostOf(site.world, H2).files.keys()].some((path) => path.endsWith('/vm1/disk0')),
    ).toBe(true);
  });

  it('the source’s definition is gone: a revert keeps the last one, and waits', async () => {
    const site = await buildSite(['local']);
    const forget = (step: string) => {
      if (step === 'guest.verify') hostOf(site.world, H1).guests.clear();
    };

    const { engine } = await migrateCold(site, {
      decide: 'revert',
      onInput: forget,
      answer: () => 'skip',
    });

    expect(engine.holds).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(
          /h1 does not know vm1 any more: .* is the last one/,
        ) as string,
      }),
    );
    expect(hostOf(site.world, H2).guests.size).toBe(1);
  });

  it('the target’s definition names another disk: confirm waits, and the source keeps what it has', async () => {
    const site = await buildSite(['local']);
    const edit = (step: string) => {
      if (step !== 'guest.confirm') return;
      const { guests, files } = hostOf(site.world, H2);
      files.set('/srv/other.raw', { content: 'other', isFolder: false });
      for (const guest of guests.values())
        guest.definition = guest.definition.replace(/file="[^"]*disk0"/, 'file="/srv/other.raw"');
    };

    const { engine } = await migrateCold(site, { onInput: edit, answer: () => 'rollback' });

    expect(engine.holds).toMatchObject([
      {
        step: 'guest.confirm',
        message: expect.stringMatching(
          /vm1 on h2 would start without what was moved: vda is \/srv\/other\.raw/,
        ) as string,
      },
    ]);
  });
});

describe('a guest that somebody has moved on to a third host while its move waited', () => {
  /** As virsh migrate --live --undefinesource does it. */
  const moveOn = (site: FakeSite) => (step: string) => {
    if (step !== 'guest.confirm') return;
    const [there, third] = [hostOf(site.world, H2).guests, hostOf(site.world, H3).guests];
    for (const [uuid, guest] of there) {
      third.set(uuid, guest);
      there.delete(uuid);
    }
  };

  it('is not started a second time, and keeps its copy: a person is asked until it is back', async () => {
    const site = await buildSite(['local']);
    const asked: string[] = [];

    const { outcome } = await migrateCold(
      site,
      {
        onInput: moveOn(site),
        answer: ({ step, code, message }) => {
          asked.push(`${step} ${code}: ${message}`);
          if (step === 'guest.confirm') return 'rollback';
          expect(site.world.sharedFiles.has(COPY)).toBe(true);
          expect([...hostOf(site.world, H1).guests.values()][0]?.state).toBe('shutoff');
          for (const [uuid, guest] of hostOf(site.world, H3).guests) {
            hostOf(site.world, H2).guests.set(uuid, guest);
            hostOf(site.world, H3).guests.delete(uuid);
          }
          return 'retry';
        },
      },
      MAPS,
    );

    expect(asked).toEqual([
      expect.stringMatching(/^guest\.confirm GUEST_NOT_ON_TARGET/),
      expect.stringMatching(
        /^guest\.checkWayBack LOCATION_UNDECIDED: vm1 runs on h3, which this move from h1 to h2 does not name/,
      ),
    ]);
    expect(outcome).toMatchObject({ kind: 'unwound' });
    expect(site.world.splitBrains).toEqual([]);
    expect([...hostOf(site.world, H1).guests.values()][0]?.state).toBe('running');
  });

  it('keeps its copy there also if the person skips that', async () => {
    const site = await buildSite(['local']);

    await migrateCold(
      site,
      {
        onInput: moveOn(site),
        answer: ({ step }) => (step === 'guest.confirm' ? 'rollback' : 'skip'),
      },
      MAPS,
    );

    expect(site.world.sharedFiles.has(COPY)).toBe(true);
    expect([...hostOf(site.world, H1).guests.values()][0]?.state).toBe('shutoff');
    expect(site.world.splitBrains).toEqual([]);
  });
});
