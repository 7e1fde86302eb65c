/** Snapshots in a disk: they travel cold and warm, or the move is refused before anything is touched. */
import { onHost, pictureOfHosts, type EverydayGuest } from '../../../lab/everyday.js';
import {
  adopt,
  everydayLab,
  expectRefused,
  withoutEmptyMetadata,
  moveCold,
} from '../../helpers/everyday.js';

const { lab, make } = everydayLab();

let guest: EverydayGuest;

describe('a guest with a snapshot in its disk (G06)', () => {
  const snapshots = (host: string) => guest.virsh(host, 'snapshot-list', '--tree');
  beforeEach(async () => {
    guest = await make({
      name: 'snap1',
      number: 22,
      devices: `<graphics type='vnc' autoport='yes' passwd='pl4nted'/>`,
    });
    await guest.virsh('h1', 'snapshot-create-as', 'before');
    await guest.virsh('h1', 'snapshot-create-as', 'after');
    await adopt(lab);
  });

  it('has its snapshots after a cold move there and back, and can go back to them', async () => {
    const tree = await snapshots('h1');
    for (const to of ['h2', 'h1']) await moveCold(lab, guest, to);

    expect(await snapshots('h1')).toBe(tree);
    expect(await onHost('h2', 'ls /var/lib/libvirt/images')).not.toContain('snap1');
    expect(await guest.virsh('h1', 'snapshot-dumpxml', 'after', '--security-info')).toContain(
      'pl4nted',
    );
    await guest.virsh('h1', 'snapshot-revert', 'before');
    expect(await guest.virsh('h1', 'snapshot-current', '--name')).toContain('before');
  });

  it('is as it was when the move is reverted', async () => {
    const before = await pictureOfHosts();

    await moveCold(lab, guest, 'h2', 'revert');

    expect(withoutEmptyMetadata(await pictureOfHosts())).toEqual(before);
  });

  it('is not copied by a way that would drop them', () =>
    expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      options: { copy: 'nbd' },
      says: /vda holds snapshot before, snapshot after, which --copy nbd would drop/,
    }));

  describe.each([['confirmed'], ['reverted']] as const)('that runs, moved warm and %s', (end) => {
    it('has its snapshots, the one with its memory included', async () => {
      await guest.start('h1');
      await guest.virsh('h1', 'snapshot-create-as', 'running');
      await adopt(lab);
      const tree = await snapshots('h1');

      await moveCold(lab, guest, 'h2', end === 'confirmed' ? 'confirm' : 'revert', {
        isWarm: true,
      });

      const [on, off] = end === 'confirmed' ? ['h2', 'h1'] : ['h1', 'h2'];
      expect(await snapshots(on)).toBe(tree);
      expect(await onHost(off, 'ls /var/lib/libvirt/images')).not.toContain('snap1');
      expect(await onHost(on, 'ls "$1"', guest.folder)).toBe('disk.qcow2\n');
      await guest.virsh(on, 'snapshot-revert', 'running');
      expect(await guest.virsh(on, 'domstate')).toContain('running');
    });
  });

  it('does not move live, and they are named', async () => {
    await guest.start('h1');

    await expectRefused(lab, guest, {
      move: 'live',
      to: 'h2',
      says: /snapshot after, before would be left behind: .*move it cold/,
    });
  });
});
