/** Kinds of VM beside the lab's four guests: UEFI firmware with its variables, compressed clusters, a raw disk, a paused guest. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { guestState, runInLab } from '../../lab/observer.js';
import { EFI_GUEST, leftoversOf } from '../../lab/guests.js';
import {
  booted,
  closeLab,
  connectLab,
  moveTo,
  startCold,
  startMove,
  untilUnconfirmed,
  type Lab,
} from '../helpers/lab.js';

jest.setTimeout(120_000);

const BY = { by: 'test', reason: 'lab test' };
const { vm: VM, ip: IP } = EFI_GUEST;
const FOLDER = `/var/lib/libvirt/images/${VM}`;
const make = (what: 'make' | 'remove') =>
  promisify(execFile)(resolve(__dirname, '../../lab/efi-guest.sh'), [what]);

const sha256 = async (host: string, file: string) =>
  (await runInLab(host, ['sha256sum', `${FOLDER}/${file}`])).slice(0, 64);
const filesOn = async (host: string) =>
  (await runInLab(host, ['find', FOLDER, '-type', 'f', '-printf', '%f\n']))
    .trim()
    .split('\n')
    .sort();
const stateOn = async (host: string, vm: string) =>
  (await runInLab(host, ['virsh', '-q', 'domstate', vm])).trim();

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));

describe('a UEFI guest with a disk of compressed clusters and a raw one', () => {
  // Scp first: it takes the clusters as they are, and after any other copy they are compressed no more.
  beforeAll(async () => {
    await make('make');
    await lab.drover.discover('h1');
    await booted(IP);
  });
  afterAll(async () => {
    await make('remove');
    for (const host of ['h1', 'h2']) await lab.drover.discover(host);
  });

  it.each([
    ['scp', 'h1', 'h2'],
    ['nbd', 'h2', 'h1'],
  ] as const)(
    'moves cold by %s, with its firmware variables, and leaves nothing',
    async (copy, from, target) => {
      const raw = await sha256(from, 'data.raw');
      const migration = await startCold(lab, VM, target, { copy });
      await untilUnconfirmed(migration);
      await booted(IP);
      await migration.confirm(BY);

      expect(await migration.result()).toMatchObject({ outcome: 'moved', target });
      expect(await sha256(target, 'data.raw')).toBe(raw);
      expect(await filesOn(target)).toEqual(['data.raw', 'disk.qcow2', 'efi1_VARS.fd']);
      expect((await leftoversOf(VM))[from]).toEqual({});
    },
  );

  it('moves live there and back with its firmware variables, and leaves nothing', async () => {
    const { bootId } = await guestState(IP);
    const [raw, variables] = [await sha256('h1', 'data.raw'), await sha256('h1', 'efi1_VARS.fd')];
    for (const [from, target] of [
      ['h1', 'h2'],
      ['h2', 'h1'],
    ] as const) {
      await (await startMove(lab, VM, target)).result();

      expect((await guestState(IP)).bootId).toBe(bootId);
      expect(await sha256(target, 'data.raw')).toBe(raw);
      expect(await sha256(target, 'efi1_VARS.fd')).toBe(variables);
      expect((await leftoversOf(VM))[from]).toEqual({});
    }
  });
});

describe('a paused guest', () => {
  beforeEach(async () => {
    await moveTo(lab, 'blk1', 'h1');
    await booted('10.77.0.103');
    await runInLab('h1', ['virsh', '-q', 'suspend', 'blk1']);
  });

  it('moves cold, stays paused, and runs when it is resumed', async () => {
    const migration = await startCold(
      lab,
      'blk1',
      'h2',
      { shutdownSeconds: 1, window: { seconds: 0, then: 'confirm' } },
      ['paused-memory'],
    );
    await migration.result();

    expect(await stateOn('h2', 'blk1')).toBe('paused');
    await runInLab('h2', ['virsh', '-q', 'resume', 'blk1']);
    await booted('10.77.0.103');
    await lab.drover.discover('h2');
  });

  it('is paused again on the source when the move is reverted', async () => {
    const migration = await startCold(lab, 'blk1', 'h2', { shutdownSeconds: 1 }, ['paused-memory']);
    await untilUnconfirmed(migration);
    await migration.revert(BY);
    await migration.result();

    expect(await stateOn('h1', 'blk1')).toBe('paused');
    await runInLab('h1', ['virsh', '-q', 'resume', 'blk1']);
    await booted('10.77.0.103');
  });
});
