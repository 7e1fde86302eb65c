/** Live migration between the lab's real hosts: real libvirtd, QEMU, ssh, iSCSI, nftables. */
import { LAB_HOSTS } from '../../lab/site.js';
import { untilSending } from '../../lab/moves.js';
import { askGuest, guestState, observe, runInLab } from '../../lab/observer.js';
import { GUESTS, hostOf, leftoversOf } from '../../lab/guests.js';
import { closeLab, connectLab, moveTo, startMove, type Lab } from '../helpers/lab.js';

jest.setTimeout(180_000);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));
beforeEach(async () => {
  for (const { vm } of GUESTS) await moveTo(lab, vm, 'h1');
});

describe.each(GUESTS)('$vm, on $storage', ({ vm, ip }) => {
  it('moves there and back without losing its network, its memory or its disks', async () => {
    await askGuest(ip, 'write?20');
    const before = await guestState(ip);

    for (const target of ['h2', 'h1']) {
      const watched = await observe(ip);
      const report = await moveTo(lab, vm, target);
      const seen = await watched.stop();

      expect(report).toMatchObject({ outcome: 'moved', target });
      expect(report?.transfer?.totalBytes).toBeGreaterThan(0);
      expect(await hostOf(vm)).toBe(target);
      expect(seen.hasTcpSurvived).toBe(true);
      expect(await guestState(ip)).toMatchObject({ bootId: before.bootId, disks: before.disks });
      await askGuest(ip, 'write?1');
      Object.assign(before, { disks: (await guestState(ip)).disks });
    }

    expect(await leftoversOf(vm)).toEqual({ h1: expect.any(Object) as object, h2: {}, h3: {} });
  });
});

describe('a transfer that is aborted in the middle', () => {
  it.each(GUESTS.filter(({ vm }) => ['web1', 'blk1', 'mix1'].includes(vm)))(
    'leaves $vm on the source and nothing on the target',
    async ({ vm, ip }) => {
      await askGuest(ip, 'write?20');
      await askGuest(ip, 'dirty?32');
      const before = await guestState(ip);
      const migration = await startMove(lab, vm, 'h2', { bandwidthMibPerSec: 5 });
      await untilSending(migration);

      await migration.abort();

      await expect(migration.result()).rejects.toMatchObject({ outcome: 'cancelled' });
      await askGuest(ip, 'dirty?0');
      expect(await hostOf(vm)).toBe('h1');
      expect(await guestState(ip)).toMatchObject({ bootId: before.bootId, disks: before.disks });
      expect((await leftoversOf(vm)).h2).toEqual({});
      expect(await lab.inventory.claims()).toEqual([]);
    },
  );
});

describe('a transfer by TLS', () => {
  const [, , { vm, ip }] = GUESTS;

  it('encrypts memory and the copied disk', async () => {
    await askGuest(ip, 'write?20');
    const before = await guestState(ip);
    const migration = await startMove(lab, vm, 'h2', { isEncrypted: true, bandwidthMibPerSec: 40 });
    await untilSending(migration);
    const asked = ['virsh', 'qemu-monitor-command', '--hmp', vm, 'info migrate_parameters'];
    expect(await runInLab('h1', asked)).toMatch(/tls-creds: '\w+'/);

    expect(await migration.result()).toMatchObject({ outcome: 'moved' });
    expect(await guestState(ip)).toMatchObject({ bootId: before.bootId, disks: before.disks });
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
    const isOpen = (port: number) =>
      runInLab('fabric', [
        'curl',
        '-s',
        '-m',
        '0.3',
        '-o',
        '/dev/null',
        `http://10.77.0.101:${port}/`,
      ]).then(
        () => true,
        (error: unknown) => (error as { code?: number }).code !== 28, // 28: no answer in time; anything else is an answer.
      );
    expect([await isOpen(80), await isOpen(81)]).toEqual([true, false]);

    const opened: boolean[] = [];
    let isOver = false;
    const trying = (async () => {
      while (!isOver) opened.push(await isOpen(81));
    })();
    await moveTo(lab, 'web1', 'h2');
    isOver = true;
    await trying;

    expect(opened.length).toBeGreaterThan(2);
    expect(opened.filter(Boolean)).toEqual([]);
    expect([await isOpen(80), await isOpen(81)]).toEqual([true, false]);
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
