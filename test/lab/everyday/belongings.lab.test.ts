/** What belongs to a guest beside its disks: a TPM, saved memory. It travels, or the move is refused before anything is touched. */
import { onHost, type EverydayGuest } from '../../../lab/everyday.js';
import { startCold, untilUnconfirmed } from '../../helpers/lab.js';
import {
  adopt,
  everydayLab,
  sha256,
  expectRefused,
  moveCold,
  moveLive,
} from '../../helpers/everyday.js';

const { lab, make } = everydayLab();

let guest: EverydayGuest;

describe('a guest with a TPM (G05)', () => {
  const state = () => `/var/lib/libvirt/swtpm/${guest.uuid}/tpm2/tpm2-00.permall`;
  beforeEach(async () => {
    const devices = `<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>`;
    guest = await make({ name: 'tpm1', number: 21, devices });
    // Its first start makes the keys; each one writes them anew.
    await guest.start('h1');
    await adopt(lab);
  });
  const switchOff = () => guest.virsh('h1', 'destroy');

  it('has its keys after a cold move there and back, and nobody else has them', async () => {
    await switchOff();
    const keys = await sha256('h1', state());
    for (const [from, to] of [
      ['h1', 'h2'],
      ['h2', 'h1'],
    ] as const) {
      await moveCold(lab, guest, to);

      expect(await sha256(to, state())).toBe(keys);
      expect(await onHost(to, 'stat -c %U:%G:%a "$1"', state())).toBe('root:root:600\n');
      expect(await onHost(from, 'ls /var/lib/libvirt/swtpm')).not.toContain(guest.uuid);
    }
  });

  it('has them when the move is reverted', async () => {
    await switchOff();
    const keys = await sha256('h1', state());

    await moveCold(lab, guest, 'h2', 'revert');

    expect(await sha256('h1', state())).toBe(keys);
    expect(await onHost('h2', 'ls /var/lib/libvirt/swtpm')).not.toContain(guest.uuid);
  });

  it('has them after a live move', async () => {
    const keys = await sha256('h1', state());

    await moveLive(lab, guest, 'h2');

    expect(await sha256('h2', state())).toBe(keys);
    expect(await onHost('h1', 'ls /var/lib/libvirt/swtpm')).not.toContain(guest.uuid);
  });

  describe('whose target has no swtpm', () => {
    beforeEach(() => onHost('h2', 'touch /run/none && mount --bind /run/none /usr/bin/swtpm'));
    afterEach(() => onHost('h2', 'umount /usr/bin/swtpm'));

    it.each(['live', 'cold'] as const)('does not move %s', (move) =>
      expectRefused(lab, guest, { move, to: 'h2', says: /tpm needs swtpm, which h2 lacks/ }),
    );
  });
});

it('a guest that was saved on the target while it waited is back when the move is reverted', async () => {
  guest = await make({ name: 'back1', number: 26 });
  await guest.start('h1');
  await adopt(lab);
  const migration = await startCold(lab, guest.name, 'h2', { shutdownSeconds: 0 });
  await untilUnconfirmed(migration);
  await guest.virsh('h2', 'managedsave');

  await migration.revert({ by: 'test', reason: 'test' });

  expect((await migration.result()).outcome).toBe('reverted');
  expect(await guest.virsh('h1', 'domstate')).toContain('running');
  expect(await onHost('h2', 'virsh list --all --name')).not.toContain('back1');
});

it('a guest whose memory is saved (G07) does not move, unless that may go', async () => {
  guest = await make({ name: 'saved1', number: 25 });
  await guest.start('h1');
  await guest.virsh('h1', 'managedsave');
  await adopt(lab);

  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h2',
    says: /has a saved state, its memory: start it \(virsh start saved1\) and move it live, or say --discard-saved-state/,
  });
  const migration = await lab.drover.startColdMigration({
    vm: 'saved1',
    target: 'h2',
    requestedBy: 'test',
    reason: 'lab test',
    accept: ['managed-save'],
    options: { window: { seconds: 0, then: 'confirm' } },
  });
  expect(await migration.result()).toMatchObject({ outcome: 'moved' });
  expect(await onHost('h1', 'ls /var/lib/libvirt/qemu/save')).not.toContain('saved1');
});
