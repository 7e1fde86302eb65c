/** A revert looks, on real hosts, whether all that the guest goes back to is there, before anything on the target is touched. */
import { diskXml, IMAGES, makeImage, onHost, type EverydayGuest } from '../../../lab/everyday.js';
import type { Migration } from '../../../client/drover.js';
import { until } from '../../../lab/observer.js';
import { adopt, everydayLab, sha256 } from '../../helpers/everyday.js';
import { startCold, untilUnconfirmed } from '../../helpers/lab.js';

const { lab, make, litter, undo } = everydayLab();
const BY = { by: 'test', reason: 'lab test' };
const GOLD = `${IMAGES}/gold60.qcow2`;
const DISK = `${IMAGES}/back60/disk.qcow2`;

let guest: EverydayGuest;
let migration: Migration;
beforeEach(async () => {
  for (const host of ['h1', 'h2']) undo(() => onHost(host, 'rm -f -- "$1".drover-*', GOLD));
  litter(GOLD, `${GOLD}.away`, `${IMAGES}/back60`, `${IMAGES}/back60_resize`);
  await makeImage('h1', GOLD);
  await makeImage('h1', DISK, GOLD);
  guest = await make({ name: 'back60', number: 60, disks: diskXml(DISK) });
  await adopt(lab);
  migration = await startCold(lab, guest.name, 'h2', { shutdownSeconds: 0, copy: 'scp' });
  await untilUnconfirmed(migration);
});
afterEach(async () => {
  const { hold } = await migration.progress();
  if (hold) await migration.skip(BY);
  await migration.result().catch(() => undefined);
});
const held = (times: number): Promise<void> =>
  until(async () => {
    const { hold, decisions } = await migration.progress();
    return (
      decisions.length === times &&
      /vda of back60 on h1 .*its copy on h2 is the last one, and stays/.test(hold?.message ?? '')
    );
  }, `hold ${times}`);

it('a backing file that is gone holds, again after a retry, and goes on when it is back', async () => {
  const before = await sha256('h1', GOLD);
  await onHost('h1', 'mv "$1" "$1.away"', GOLD);

  await migration.revert(BY);
  await held(1);
  expect(await onHost('h2', `virsh -q domstate ${guest.name}`)).toContain('shut off');
  expect(await sha256('h2', GOLD)).toBe(before);

  await migration.retry(BY);
  await held(2);
  await onHost('h1', 'mv "$1.away" "$1"', GOLD);
  await migration.retry(BY);

  expect(await migration.result()).toMatchObject({ outcome: 'reverted' });
  expect(await onHost('h1', 'qemu-img check "$1"', DISK)).toContain('No errors');
});

it('one that was written to holds; who skips keeps the copy, and what it lies over', async () => {
  const before = await sha256('h2', GOLD);
  await onHost('h1', `qemu-io -f qcow2 -c 'write -q -P 0x11 2M 64k' "$1"`, GOLD);

  await migration.revert(BY);
  await held(1);
  await migration.skip(BY);
  await migration.result().catch(() => undefined);

  expect(await sha256('h2', GOLD)).toBe(before);
  expect(await onHost('h2', 'qemu-img check "$1"', DISK)).toContain('No errors');
  const { findings } = await lab.drover.audit(false);
  expect(findings.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      expect.stringContaining(`${GOLD}: kept when a move was taken back`) as string,
      expect.stringContaining(`${DISK}: kept when a move was taken back`) as string,
    ]),
  );
});
