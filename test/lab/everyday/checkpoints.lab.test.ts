/** Checkpoints: they travel cold, or the move is refused before anything is touched. */
import { until } from '../../../lab/observer.js';
import { onHost, type EverydayGuest } from '../../../lab/everyday.js';
import { adopt, everydayLab, expectRefused, moveCold } from '../../helpers/everyday.js';

const { lab, make } = everydayLab();

let guest: EverydayGuest;

describe('a guest with what cannot travel while it runs', () => {
  describe('checkpoints (G06)', () => {
    const tree = (host: string) => guest.virsh(host, 'checkpoint-list', '--tree');
    const bitmapsOn = (host: string) =>
      onHost(host, `qemu-img info -U "$1" | grep -E '^ +name: '`, guest.disk);
    beforeEach(async () => {
      guest = await make({ name: 'check1', number: 24 });
      await guest.start('h1');
      await guest.virsh('h1', 'checkpoint-create-as', 'monday');
      await guest.virsh('h1', 'checkpoint-create-as', 'tuesday');
      await adopt(lab);
    });

    it('does not move live, nor warm', async () => {
      const before = await tree('h1');
      await expectRefused(lab, guest, {
        move: 'live',
        to: 'h2',
        says: /checkpoint monday, tuesday would be left behind: .* move it cold/,
      });
      await expect(moveCold(lab, guest, 'h2', 'confirm', { isWarm: true })).rejects.toMatchObject({
        code: 'DEFINITION_UNSUPPORTED',
      });
      expect(await tree('h1')).toBe(before);
      expect(await guest.virsh('h1', 'domstate')).toContain('running');
    });

    it.each(['confirm', 'revert'] as const)(
      'has them after a cold move (%s), and can back up what was written since',
      async (end) => {
        const before = { tree: await tree('h1') };

        await moveCold(lab, guest, 'h2', end);

        const on = end === 'confirm' ? 'h2' : 'h1';
        expect(await tree(on)).toBe(before.tree);
        expect(await bitmapsOn(on)).toMatch(/(?=[\s\S]*monday)(?=[\s\S]*tuesday)/);
        const backup = `<domainbackup><incremental>monday</incremental><disks><disk name='vda' type='file'><target file='${guest.folder}/since.qcow2'/><driver type='qcow2'/></disk></disks></domainbackup>`;
        await onHost(on, `printf %s "$1" >/run/backup.xml`, backup);
        await guest.virsh(on, 'backup-begin', '/run/backup.xml');
        await until(
          async () => (await guest.virsh(on, 'domjobinfo', '--completed')).includes('Backup'),
          'the backup’s end',
        );
        const other = on === 'h1' ? 'h2' : 'h1';
        expect(await onHost(other, 'virsh -q list --all --name')).not.toContain('check1');
        expect(await onHost(other, 'ls /var/lib/libvirt/qemu/checkpoint')).not.toContain('check1');
      },
    );
  });
});
