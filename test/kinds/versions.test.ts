/**
 * Between libvirt 9.0 with QEMU 7.2 (h1) and libvirt 11.3 with QEMU 10.0 (h2), in both directions (G40): what the hypervisors take
 * moves, and what they do not is refused beforehand, by name.
 */
import { GUEST } from '../../lab/framework/guest.js';
import { hostOf } from '../../lab/guests.js';
import { onHost } from '../../lab/everyday.js';
import {
  adopt,
  everydayLab,
  expectRefused,
  moveCold,
  moveLive,
  sha256,
} from '../helpers/everyday.js';
import { droverSays } from '../helpers/lab-cli.js';

const { lab, make } = everydayLab();
const OLDER = { accept: ['older-hypervisor'] };

it('the check of the two hosts says which way is which', async () => {
  expect(await droverSays('hosts', 'check', 'h1', '--to', 'h2')).toContain('as new or newer');
  expect(await droverSays('hosts', 'check', 'h2', '--to', 'h1')).toMatch(
    /QEMU 7\.2\.\d+ is older than 10\.\d+\.\d+, libvirt 9\.0\.0 is older than 11\.3\.0/,
  );
});

it.each(Object.values(GUEST))(
  '$vm moves live to the newer host, and back by a word that takes the responsibility',
  async ({ vm }) => {
    const guest = { name: vm };
    await moveLive(lab, guest, 'h2');
    expect(await hostOf(vm)).toBe('h2');

    const says =
      /h1 may not take a running pc-q35-7\.2 from here: its QEMU 7\.2\.\d+ is older .*--accept older-hypervisor/;
    await expectRefused(lab, guest, { move: 'live', to: 'h1', says });

    await moveLive(lab, guest, 'h1', {}, OLDER);
    expect(await hostOf(vm)).toBe('h1');
  },
);

it('a guest with a TPM moves cold there and back: its disk and its keys are the same', async () => {
  const devices = `<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>`;
  const guest = await make({ name: 'older1', number: 64, devices });
  await guest.start('h1');
  await guest.virsh('h1', 'destroy');
  await adopt(lab);
  const keys = `/var/lib/libvirt/swtpm/${guest.uuid}/tpm2/tpm2-00.permall`;
  const before = [await sha256('h1', keys), await onHost('h1', CONTENT, guest.disk)];

  await moveCold(lab, guest, 'h2');
  await guest.start('h2');
  await guest.virsh('h2', 'destroy');
  const there = await sha256('h2', keys);
  await adopt(lab);
  const report = await moveCold(lab, guest, 'h1');

  expect(report.remarks).toContainEqual(expect.stringMatching(/watchdog itco left out/));
  expect([await sha256('h1', keys), await onHost('h1', CONTENT, guest.disk)]).toEqual([
    there,
    before[1],
  ]);
  await guest.start('h1');
});

it('a guest that was made on the newer host with a newer machine type stays, and says so', async () => {
  const guest = await make({ name: 'newer1', number: 65, host: 'h2' });
  expect(await guest.xml('h2')).toContain('pc-q35-10.0');

  for (const move of ['live', 'cold'] as const) {
    if (move === 'live') await guest.start('h2');
    await adopt(lab);
    await expectRefused(lab, guest, {
      move,
      to: 'h1',
      says: /h1: it lacks the machine type pc-q35-10\.0/,
    });
  }
});

it('a running guest moves warm to the newer host, and goes back by a revert', async () => {
  const guest = await make({ name: 'warm2', number: 66 });
  await guest.start('h1');
  await adopt(lab);

  await moveCold(lab, guest, 'h2', 'revert', { isWarm: true });

  expect(await hostOf(guest.name)).toBe('h1');
  expect(await onHost('h1', CONTENT, guest.disk)).toBe('same\n');
});

const CONTENT = 'qemu-io -U -f qcow2 -r -c "read -q -P 0x5a 1M 256k" "$1" && echo same';
