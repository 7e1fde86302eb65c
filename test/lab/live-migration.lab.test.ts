/** Live migration between the lab's real hosts: real libvirtd, QEMU, ssh, iSCSI, nftables. */
import { lifecycle, type Move } from '../../lab/framework/lifecycle.js';
import { ALL_GUESTS, GUEST } from '../../lab/framework/guest.js';
import { LAB_HOSTS } from '../../lab/site.js';
import { untilSending } from '../../lab/moves.js';
import { observe, runInLab, until } from '../../lab/observer.js';
import { hostOf, leftoversOf } from '../../lab/guests.js';
import { closeLab, allHome, connectLab, moveTo, startMove, type Lab } from '../helpers/lab.js';

jest.setTimeout(180_000);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));
beforeEach(() => allHome(lab));

/** A live move, watched from outside. */
const live = (to: string): Move => ({
  to,
  async make({ vm, ip }) {
    const watched = await observe(ip);
    const report = await moveTo(lab, vm, to);
    const seen = await watched.stop();

    expect(report).toMatchObject({ outcome: 'moved', target: to });
    expect(report?.transfer?.totalBytes).toBeGreaterThan(0);
    expect(seen.hasTcpSurvived).toBe(true);
  },
});

describe.each(ALL_GUESTS)('$vm, on $storage', (guest) => {
  const { vm } = guest;
  it('moves there and back without losing its network, its memory or its disks', async () => {
    await guest.write(20);
    let before = await guest.says();

    await lifecycle(guest, [live('h2'), live('h1')], async ({ to }) => {
      expect(await hostOf(vm)).toBe(to);
      expect(await guest.says()).toMatchObject({ bootId: before.bootId, disks: before.disks });
      await guest.write(1);
      before = await guest.says();
    });

    expect(await leftoversOf(vm)).toEqual({ h1: expect.any(Object) as object, h2: {}, h3: {} });
  });
});

describe('a transfer that is aborted in the middle', () => {
  const guests = [GUEST.web1, GUEST.blk1, GUEST.mix1];
  // One that goes on writing takes half a core from all that follows.
  afterEach(() => Promise.all(guests.map((guest) => guest.dirty(0))));

  it.each(guests)('leaves $vm on the source and nothing on the target', async (guest) => {
    const { vm } = guest;
    await guest.write(20);
    await guest.dirty(32);
    const before = await guest.says();
    const migration = await startMove(lab, vm, 'h2', { bandwidthMibPerSec: 5 });
    await untilSending(migration);

    await migration.abort();

    await expect(migration.result()).rejects.toMatchObject({ outcome: 'cancelled' });
    expect(await hostOf(vm)).toBe('h1');
    expect(await guest.says()).toMatchObject({ bootId: before.bootId, disks: before.disks });
    expect((await leftoversOf(vm)).h2).toEqual({});
    expect(await lab.inventory.claims()).toEqual([]);
  });
});

describe('a transfer by TLS', () => {
  const guest = GUEST.blk1;
  const { vm } = guest;

  it('encrypts memory and the copied disk', async () => {
    await guest.write(20);
    const before = await guest.says();
    const migration = await startMove(lab, vm, 'h2', { isEncrypted: true, bandwidthMibPerSec: 40 });
    await untilSending(migration);
    const asked = ['virsh', 'qemu-monitor-command', '--hmp', vm, 'info migrate_parameters'];
    expect(await runInLab('h1', asked)).toMatch(/tls-creds: '\w+'/);

    expect(await migration.result()).toMatchObject({ outcome: 'moved' });
    expect(await guest.says()).toMatchObject({ bootId: before.bootId, disks: before.disks });
  });

  describe('to a host without certificates', () => {
    const rename = (from: string, to: string) => runInLab('h3', ['mv', from, to]);
    beforeEach(() => rename('/etc/libvirt/pki', '/etc/libvirt/pki.away'));
    afterEach(() => rename('/etc/libvirt/pki.away', '/etc/libvirt/pki'));

    it('is taken back, and never goes on without', async () => {
      await moveTo(lab, 'web1', 'h1');
      const migration = await startMove(lab, 'web1', 'h3', { isEncrypted: true });

      await expect(migration.result()).rejects.toMatchObject({ outcome: 'rolled-back' });
      expect(await hostOf('web1')).toBe('h1');
      expect((await leftoversOf('web1')).h3).toEqual({});
    });
  });
});

describe('a security group', () => {
  it('that lets nobody in on port 81 does so before, during and after the move', async () => {
    const isOpen = (port: number, seconds: number) =>
      runInLab('fabric', [
        'curl',
        '-s',
        '-m',
        String(seconds),
        '-o',
        '/dev/null',
        `http://10.77.0.101:${port}/`,
      ]).then(
        () => true,
        (error: unknown) => (error as { code?: number }).code !== 28, // 28: no answer in time; anything else is an answer.
      );
    // A guest under load answers late: what must be open is waited for, what must not has long enough to answer.
    const onlyPort80IsOpen = async () => {
      await until(() => isOpen(80, 1), 'an answer on port 80');
      expect(await isOpen(81, 3)).toBe(false);
    };
    await onlyPort80IsOpen();

    const opened: boolean[] = [];
    let isOver = false;
    const trying = (async () => {
      while (!isOver) opened.push(await isOpen(81, 0.3));
    })();
    await moveTo(lab, 'web1', 'h2');
    isOver = true;
    await trying;

    expect(opened.length).toBeGreaterThan(2);
    expect(opened.filter(Boolean)).toEqual([]);
    await onlyPort80IsOpen();
  });
});

describe('every lab host', () => {
  it.each(LAB_HOSTS)('%s has no way out of the lab', async (host) => {
    const routes = await runInLab(host, ['ip', '-4', 'route', 'show']);
    expect(routes).not.toContain('default');
    expect(
      routes
        .trim()
        .split('\n')
        .every((line) => line.startsWith('10.77.0.0/24')),
    ).toBe(true);
  });
});
