/** Somebody makes a snapshot while a move is under way: what the guest writes to it is neither removed from under it nor left behind. */
import { replaceIn } from '../../drivers/fake/overlays.js';
import { hostOf, type FakeGuest } from '../../drivers/fake/world.js';
import { parseDomain } from '../../guest/xml/domain.js';
import { CodedError } from '../../model/errors.js';
import { HostName } from '../../model/ids.js';
import { fileOf } from '../../model/storage.js';
import type { Hold } from '../../model/progress.js';
import {
  buildSite,
  migrate,
  migrateCold,
  migrateWarm,
  type FakeSite,
} from '../helpers/fake-migration.js';

const H1 = HostName.parse('h1');
const [DISK, WARM, OP1] = [
  '/var/lib/libvirt/images/vm1/disk0',
  '/var/lib/libvirt/images/vm1/disk0.warm-migration-1',
  '/var/lib/libvirt/images/vm1/op1',
];

const guestOf = (site: FakeSite): FakeGuest => {
  const [guest] = hostOf(site.world, H1).guests.values();
  if (!guest) throw new Error('h1 has no guest');
  return guest;
};
const diskOf = (site: FakeSite): string | undefined => {
  const [disk] = parseDomain(guestOf(site).xml).disks;
  return disk && fileOf(disk);
};

/** `virsh snapshot-create-as vm1 op1 --disk-only --no-metadata`. @returns `virsh blockcommit` of it */
function putOver(site: FakeSite): () => void {
  const { files } = hostOf(site.world, H1);
  const top = diskOf(site) ?? '';
  files.set(OP1, { content: `what was written since over:${top}`, isFolder: false });
  replaceIn(guestOf(site), top, OP1);
  return () => {
    replaceIn(guestOf(site), OP1, top);
    files.delete(OP1);
  };
}

/** Puts the layer over it the first time that the copier copies something: in the middle of the warm copy. */
function duringTheCopy(site: FakeSite, act: () => void): void {
  let isDone = false;
  site.faults.onCall = (call) => {
    if (isDone || !call.includes('copier.copy')) return;
    isDone = true;
    act();
  };
}

const isThere = (site: FakeSite, path: string) => hostOf(site.world, H1).files.has(path);

it('a snapshot that is made during a warm copy stops the move, and keeps the overlay that it lies over until it is merged down', async () => {
  const site = await buildSite(['local']);
  let merge: () => void = () => undefined;
  duringTheCopy(site, () => (merge = putOver(site)));
  const seen: unknown[] = [];
  const answer = (hold: Hold): 'retry' => {
    seen.push([hold.step, hold.code, hold.message, hold.hint, isThere(site, WARM), diskOf(site)]);
    if (seen.length === 2) merge();
    return 'retry';
  };

  const { outcome, engine } = await migrateWarm(site, { answer });

  expect(engine.called).not.toContain('guest.powerOff');
  const held = [
    'disks.endPrecopy',
    'SOURCE_STALE',
    expect.stringContaining(`${WARM} on h1 stays: ${OP1} lies over it`),
    expect.stringContaining(`virsh blockcommit vm1 vda --base ${WARM} --active --pivot --wait`),
    true,
    OP1,
  ];
  expect(seen).toEqual([held, held]);
  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'SOURCE_STALE' } });
  expect([diskOf(site), isThere(site, WARM)]).toEqual([DISK, false]);
});

it('skipped, the overlay stays under what lies over it', async () => {
  const site = await buildSite(['local']);
  duringTheCopy(site, () => putOver(site));

  const { outcome } = await migrateWarm(site, { answer: () => 'skip' });

  expect(outcome).toMatchObject({
    kind: 'unwound',
    leftovers: [expect.stringContaining(`${OP1} lies over it`)],
  });
  expect([diskOf(site), isThere(site, WARM)]).toEqual([OP1, true]);
});

it('a worker that died during a warm copy is followed by one that names the snapshot made meanwhile', async () => {
  const site = await buildSite(['local']);
  const raised: string[] = [];
  let isCut = false;
  site.faults.onCall = (call) => {
    if (isCut || call !== 'h2.storage.copier.copy') return;
    isCut = true;
    putOver(site);
    throw new CodedError('HOST_UNREACHABLE', 'the worker has died');
  };

  const { outcome, engine } = await migrateWarm(site, { answer: () => 'skip' });

  raised.push(...engine.raised.map(({ code }) => code));
  expect(raised).not.toContain('LIBVIRT_FAILED');
  expect(outcome).toMatchObject({
    failure: {
      code: 'SOURCE_STALE',
      message: expect.stringContaining(`is ${OP1} by now, not ${WARM}`) as string,
    },
  });
});

it('another guest over the overlay keeps it as well', async () => {
  const site = await buildSite(['local', 'neighbour']);
  duringTheCopy(site, () => {
    const { files } = hostOf(site.world, H1);
    const [, near] = [...hostOf(site.world, H1).guests.values()];
    files.set('/var/lib/libvirt/images/near1/clone', {
      content: `clone over:${WARM}`,
      isFolder: false,
    });
    if (near)
      replaceIn(near, '/var/lib/libvirt/images/near1/disk0', '/var/lib/libvirt/images/near1/clone');
    throw new CodedError('COPY_DIFFERS', 'so that it is taken back');
  });

  const { engine } = await migrateWarm(site, { answer: () => 'skip' });

  expect(engine.holds).toMatchObject([
    {
      step: 'disks.endPrecopy',
      code: 'FILE_IN_USE',
      message: expect.stringContaining('near1') as string,
    },
  ]);
  expect(isThere(site, WARM)).toBe(true);
});

it.each([
  { way: 'warm', move: migrateWarm, when: 'disks.precopy' },
  { way: 'warm', move: migrateWarm, when: 'guest.powerOff' },
  { way: 'cold', move: migrateCold, when: 'guest.powerOff' },
  { way: 'live', move: migrate, when: 'transfer.run' },
])(
  'a snapshot made before $when is no part of a $way move, which ends before anything is moved',
  async ({ move, when }) => {
    const site = await buildSite(['local']);
    const onInput = (step: string) => void (step === when && putOver(site));

    const { outcome, engine } = await move(site, { onInput, answer: () => 'skip' });

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        code: 'SOURCE_STALE',
        message: expect.stringContaining(`is ${OP1} by now`) as string,
      },
    });
    expect(engine.called).not.toContain('disks.transfer');
    expect([diskOf(site), isThere(site, OP1)]).toEqual([OP1, true]);
    expect(guestOf(site).state).toBe('running');
  },
);

it('an overlay that the definition of a guest which is off does not name is not written over its disk', async () => {
  const site = await buildSite(['local']);
  duringTheCopy(site, () => {
    // The commit of an earlier attempt is done, and then the guest has ended.
    const guest = guestOf(site);
    replaceIn(guest, WARM, DISK);
    guest.state = 'shutoff';
    throw new CodedError('COPY_DIFFERS', 'so that it is taken back');
  });

  const { engine } = await migrateWarm(site, { answer: () => 'skip' });

  expect(engine.holds).toMatchObject([{ step: 'disks.endPrecopy', code: 'SOURCE_STALE' }]);
  expect(isThere(site, WARM)).toBe(true);
});

it('a snapshot that is made on the target, of a disk that both hosts have, stops a revert until it is merged down', async () => {
  const site = await buildSite(['shared']);
  const there = () => [...hostOf(site.world, HostName.parse('h2')).guests.values()][0];
  const [disk, top] = ['/srv/shared/vm1/disk0', '/srv/shared/vm1/b1'];
  const asked: string[] = [];

  const { outcome } = await migrateCold(site, {
    decide: 'revert',
    onInput: (step) => {
      const guest = there();
      if (step !== 'guest.verify' || !guest) return;
      site.world.sharedFiles.set(top, { content: `written since over:${disk}`, isFolder: false });
      replaceIn(guest, disk, top);
    },
    answer: ({ step, code, message }) => {
      asked.push(`${step} ${code}: ${message}`);
      const guest = there();
      if (guest) replaceIn(guest, top, disk);
      site.world.sharedFiles.delete(top);
      return 'retry';
    },
  });

  expect(asked).toEqual([
    expect.stringMatching(
      /^guest\.checkWayBack SOURCE_STALE: vda of vm1 on h2 is \/srv\/shared\/vm1\/b1 by now, .* would lose what was written since/,
    ),
  ]);
  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'REVERTED' } });
});
