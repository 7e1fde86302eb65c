/** What somebody does to a copy before it is confirmed: the last good one is not removed for it, and no file of his own goes with a revert. */
import { onHost, type EverydayGuest } from '../../../lab/everyday.js';
import type { Migration } from '../../../client/drover.js';
import { adopt, everydayLab, sha256 } from '../../helpers/everyday.js';
import { startCold, untilUnconfirmed } from '../../helpers/lab.js';
import { until } from '../../../lab/observer.js';

const { lab, make } = everydayLab();
const BY = { by: 'test', reason: 'lab test' };

let guest: EverydayGuest;
let migration: Migration;
let before: string;
/** On h2, and not confirmed. */
async function moved(name: string, number: number): Promise<void> {
  guest = await make({ name, number });
  await adopt(lab);
  before = await sha256('h1', guest.disk);
  migration = await startCold(lab, name, 'h2', { shutdownSeconds: 0 });
  await untilUnconfirmed(migration);
}
const held = async (says: RegExp): Promise<void> => {
  await migration.confirm(BY);
  await until(
    async () => says.test((await migration.progress()).hold?.message ?? ''),
    `a hold that says ${String(says)}`,
  );
};

it.each<[string, string, number, string, RegExp]>([
  ['emptied', 'emptied1', 61, 'truncate -s 0 "$1"', /is no copy of emptied1’s disk any more/],
  [
    'exchanged',
    'exchanged1',
    62,
    'cp -a "$1" "$1.new" && mv "$1.new" "$1"',
    /is another file than was copied for exchanged1/,
  ],
  [
    'made anew under its name',
    'anew1',
    67,
    'qemu-img create -q -f qcow2 "$1" 16M',
    /was changed since it was copied, and no log on h2 tells that anew1 has run there since/,
  ],
  [
    'written to by somebody',
    'written1',
    68,
    `qemu-io -f qcow2 -c 'write -q -P 0x11 2M 64k' "$1"`,
    /was changed since it was copied, and no log on h2 tells that written1 has run there since/,
  ],
])(
  'a copy that was %s is not confirmed, and a rollback gives the source’s back',
  async (_what, name, number, damage, says) => {
    await moved(name, number);
    await onHost('h2', damage, guest.disk);

    await held(says);
    await migration.rollback(BY);

    await expect(migration.result()).rejects.toMatchObject({ outcome: 'rolled-back' });
    expect(await sha256('h1', guest.disk)).toBe(before);
  },
);

it('a guest that has run on the target since may have written to its disk', async () => {
  await moved('tried1', 69);
  await guest.start('h2');
  await guest.virsh('h2', 'destroy');
  await onHost('h2', `qemu-io -f qcow2 -c 'write -q -P 0x11 2M 64k' "$1"`, guest.disk);

  await migration.confirm(BY);

  expect(await migration.result()).toMatchObject({ outcome: 'moved' });
});

it('a guest that has run on the target, and whose log was rotated since, may have written to its disk', async () => {
  await moved('rotated1', 71);
  await guest.start('h2');
  await guest.virsh('h2', 'destroy');
  const log = '/var/log/libvirt/qemu/rotated1.log';
  await onHost('h2', 'gzip -c "$1" >"$1-20261128.gz" && : >"$1"', log);
  await onHost('h2', `qemu-io -f qcow2 -c 'write -q -P 0x11 2M 64k' "$1"`, guest.disk);

  await migration.confirm(BY);

  expect(await migration.result()).toMatchObject({ outcome: 'moved' });
  await onHost('h2', 'rm -f "$1" "$1-20261128.gz"', log);
});

it('what was set aside and written to is no way back: the copy stays, and is named', async () => {
  await moved('aside1', 70);
  await onHost(
    'h1',
    `qemu-io -f qcow2 -c 'write -q -P 0x11 2M 64k' "$1"`,
    `${guest.folder}_resize/disk.qcow2`,
  );

  await migration.revert(BY);
  await until(
    async () =>
      /vda of aside1 on h1 was changed.*its copy on h2 is the last one, and stays/.test(
        (await migration.progress()).hold?.message ?? '',
      ),
    'a hold that keeps the copy',
  );

  expect(await sha256('h2', guest.disk)).toBe(before);
  await migration.skip(BY);

  await expect(migration.result()).rejects.toMatchObject({
    leftovers: [
      expect.stringMatching(/^guest\.checkWayBack: .*skipped by test/) as string,
      expect.stringMatching(/disk\.qcow2 on h2 stays: it was the last copy/) as string,
      expect.stringMatching(/aside1 on h2 stays: there is something in it/) as string,
    ],
  });
  expect(await sha256('h2', guest.disk)).toBe(before);
});

it('a backup that somebody has put in the copy’s place stays after a revert, which says so', async () => {
  await moved('restored1', 63);
  await onHost('h2', 'echo precious >"$1.new" && mv "$1.new" "$1"', guest.disk);

  await migration.revert(BY);

  const report = await migration.result();
  expect(report).toMatchObject({
    outcome: 'reverted',
    remarks: expect.arrayContaining([
      expect.stringMatching(/disk\.qcow2 on h2 stays: it is another file than this move has made/),
    ]) as string[],
  });
  expect(await onHost('h2', 'cat "$1"', guest.disk)).toBe('precious\n');
  expect(await sha256('h1', guest.disk)).toBe(before);
});
