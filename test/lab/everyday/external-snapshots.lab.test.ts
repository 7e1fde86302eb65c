/** External snapshots, with memory or without: they travel cold, or the move is refused before anything is touched. */
import { onHost, pictureOfHosts, type EverydayGuest } from '../../../lab/everyday.js';
import {
  adopt,
  everydayLab,
  expectRefused,
  withoutEmptyMetadata,
  moveCold,
  sha256,
} from '../../helpers/everyday.js';

const { lab, make } = everydayLab();

let guest: EverydayGuest;

describe('a guest with what cannot travel while it runs', () => {
  it('an external snapshot (G06), does not move live', async () => {
    guest = await make({ name: 'ext1', number: 23 });
    await guest.start('h1');
    await guest.virsh('h1', 'snapshot-create-as', 'outside', '--disk-only');
    await adopt(lab);

    await expectRefused(lab, guest, {
      move: 'live',
      to: 'h2',
      says: /snapshot outside would be left behind: .* move it cold, which carries them/,
    });
  });

  describe('external snapshots (G06), one of them with its memory', () => {
    const tree = (host: string) => guest.virsh(host, 'snapshot-list', '--tree');
    const chain = (host: string) =>
      onHost(
        host,
        `qemu-img info -U --backing-chain "$1" | grep ^image`,
        `${guest.folder}/disk.running`,
      );
    // Each its own: rules for one that is gone behind drover's back go with the next of its address.
    let number = 28;
    beforeEach(async () => {
      guest = await make({ name: `layers${number}`, number });
      number += 1;
      await guest.virsh('h1', 'snapshot-create-as', 'off', '--disk-only');
      await guest.start('h1');
      await guest.virsh(
        'h1',
        'snapshot-create-as',
        'running',
        '--diskspec',
        'vda,snapshot=external',
        '--memspec',
        `${guest.folder}/running.mem`,
      );
      await adopt(lab);
    });

    it('go with it when it moves cold, and nothing of them stays', async () => {
      const before = [await tree('h1'), await chain('h1')];
      const memory = await sha256('h1', `${guest.folder}/running.mem`);

      await moveCold(lab, guest, 'h2');

      expect([await tree('h2'), await chain('h2')]).toEqual(before);
      expect(await sha256('h2', `${guest.folder}/running.mem`)).toBe(memory);
      expect(await onHost('h1', 'ls /var/lib/libvirt/images')).not.toContain('layers');
      await guest.virsh('h2', 'destroy');
      await adopt(lab);
      await moveCold(lab, guest, 'h1');
      expect([await tree('h1'), await chain('h1')]).toEqual(before);
    });

    it('leave memory that is elsewhere where it is, and say so; no mark of the move stays', async () => {
      await onHost('h1', 'mkdir -p /srv/mems');
      const spec = ['--memspec', '/srv/mems/far.mem', '--diskspec', 'vda,snapshot=external'];
      await guest.virsh('h1', 'snapshot-create-as', 'far', ...spec);
      await adopt(lab);

      const report = await moveCold(lab, guest, 'h2');

      expect(report.kept).toContain('/srv/mems/far.mem, a snapshot’s memory');
      expect(await onHost('h2', `find /srv /var/lib/libvirt -name '*.drover-*'`)).toBe('');
      for (const host of ['h1', 'h2']) await onHost(host, 'rm -rf /srv/mems');
    });

    it('are as they were when the move is reverted', async () => {
      await guest.virsh('h1', 'destroy');
      await adopt(lab);
      const before = await pictureOfHosts();

      await moveCold(lab, guest, 'h2', 'revert');

      expect(withoutEmptyMetadata(await pictureOfHosts())).toEqual(before);
    });
  });
});
