/** Snapshots of both kinds, and checkpoints: they travel cold, or the move is refused before anything is touched. */
import { until } from '../../../lab/observer.js';
import { makeGuest, onHost, pictureOfHosts, type EverydayGuest } from '../../../lab/everyday.js';
import { closeLab, connectLab, type Lab } from '../../helpers/lab.js';
import {
  adopt,
  expectRefused,
  withoutEmptyMetadata,
  moveCold,
  sha256,
} from '../../helpers/everyday.js';

jest.setTimeout(120_000);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));

let guest: EverydayGuest;
afterEach(async () => {
  await guest.remove();
  await adopt(lab);
});

describe('a guest with a snapshot in its disk (G06)', () => {
  const snapshots = (host: string) => guest.virsh(host, 'snapshot-list', '--tree');
  beforeEach(async () => {
    guest = await makeGuest({
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

describe('a guest with what cannot travel while it runs', () => {
  it('an external snapshot (G06), does not move live', async () => {
    guest = await makeGuest({ name: 'ext1', number: 23 });
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
      guest = await makeGuest({ name: `layers${number}`, number });
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

  describe('checkpoints (G06)', () => {
    const tree = (host: string) => guest.virsh(host, 'checkpoint-list', '--tree');
    const bitmapsOn = (host: string) =>
      onHost(host, `qemu-img info -U "$1" | grep -E '^ +name: '`, guest.disk);
    beforeEach(async () => {
      guest = await makeGuest({ name: 'check1', number: 24 });
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
