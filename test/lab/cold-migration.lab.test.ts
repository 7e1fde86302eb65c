import { lifecycle, type Move } from '../../lab/framework/lifecycle.js';
import { ALL_GUESTS, GUEST } from '../../lab/framework/guest.js';
import { runInLab } from '../../lab/observer.js';
import { hostOf, leftoversOf } from '../../lab/guests.js';
import {
  booted,
  closeLab,
  connectLab,
  allHome,
  startCold,
  untilUnconfirmed,
  type Lab,
} from '../helpers/lab.js';

jest.setTimeout(180_000);

const BY = { by: 'test', reason: 'lab test' };
const IMAGES = '/var/lib/libvirt/images';

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));
beforeEach(() => allHome(lab));

/** A cold move that is confirmed when the guest has booted. */
const cold = (to: string, copy: 'auto' | 'scp'): Move => ({
  to,
  async make({ vm, ip }) {
    const migration = await startCold(lab, vm, to, { copy });
    await untilUnconfirmed(migration);
    await booted(ip);
    await migration.confirm(BY);

    expect(await migration.result()).toMatchObject({ outcome: 'moved', target: to });
  },
});

describe.each(ALL_GUESTS)('$vm, on $storage', (guest) => {
  const { vm, ip } = guest;
  it('moves there and back with its data, and leaves nothing', async () => {
    await booted(ip);
    await guest.write(20);
    const before = await guest.says();

    await lifecycle(guest, [cold('h2', 'auto'), cold('h1', 'scp')], async ({ to }) => {
      const after = await guest.says();
      expect(after.disks).toEqual(before.disks);
      expect(after.bootId).not.toBe(before.bootId);
      expect(await hostOf(vm)).toBe(to);
    });

    expect(await leftoversOf(vm)).toEqual({ h1: expect.any(Object) as object, h2: {}, h3: {} });
  });
});

describe('a guest with a config drive', () => {
  it('can read it after the move', async () => {
    const guest = GUEST.blk1;
    const { ip } = guest;
    const migration = await startCold(lab, 'blk1', 'h2', {
      window: { seconds: 0, then: 'confirm' },
    });
    await migration.result();
    await booted(ip);

    expect(await guest.config('vdb')).toContain('instance-id: blk1');
  });
});

describe('a copy by nbd', () => {
  const guest = GUEST.blk1;
  const { vm, ip } = guest;
  const disk = `${IMAGES}/${vm}/disk.qcow2`;
  const BASE = `${IMAGES}/_base/base.qcow2`;
  // The other tests want the backing file back, which h1 has for sure.
  afterEach(async () => {
    const window = { seconds: 0, then: 'confirm' } as const;
    await (await startCold(lab, vm, 'h1', { copy: 'scp', window })).result();
    await runInLab('h1', ['virsh', '-q', 'destroy', vm]);
    await runInLab('h1', ['qemu-img', 'rebase', '-f', 'qcow2', '-b', BASE, '-F', 'qcow2', disk]);
    await runInLab('h1', ['virsh', '-q', 'start', vm]);
    await lab.drover.discover('h1');
    await lab.drover.enforceGroups('h1');
  });

  it('makes one flat disk with the same data', async () => {
    await booted(ip);
    await guest.write(20);
    const before = await guest.says();
    const migration = await startCold(lab, vm, 'h2', { copy: 'nbd' });
    await untilUnconfirmed(migration);
    await migration.confirm(BY);
    await migration.result();

    expect((await booted(ip)).disks).toEqual(before.disks);
    expect(await runInLab('h2', ['qemu-img', 'info', '-U', disk])).not.toContain('backing file');
    expect((await leftoversOf(vm)).h1).toEqual({});
  });
});

describe('a copy by scp', () => {
  it('keeps the backing file, and its key is gone', async () => {
    await booted(GUEST.blk1.ip);
    const migration = await startCold(lab, 'blk1', 'h2', { copy: 'scp' });
    await untilUnconfirmed(migration);
    await migration.confirm(BY);
    await migration.result();

    const info = await runInLab('h2', ['qemu-img', 'info', '-U', `${IMAGES}/blk1/disk.qcow2`]);
    expect(info).toContain('_base/base.qcow2');
    expect((await leftoversOf('blk1')).h1).toEqual({});
  });
});

describe('a disk over a chain of backing files, one of them in the VM’s own folder', () => {
  const guest = GUEST.blk1;
  const { vm, ip } = guest;
  const TOP = `${IMAGES}/${vm}/top.qcow2`;
  const at = async (...argv: string[]) => runInLab(await hostOf(vm), ['virsh', '-q', ...argv]);
  beforeEach(async () => {
    await booted(ip);
    await guest.write(20);
    const disks = ['--diskspec', `vda,file=${TOP}`, '--diskspec', 'vdb,snapshot=no'];
    await at('snapshot-create-as', vm, 's', '--disk-only', '--no-metadata', '--atomic', ...disks);
    await guest.write(20);
  });
  afterEach(async () => {
    const host = await hostOf(vm);
    await at('blockcommit', vm, 'vda', '--active', '--shallow', '--pivot', '--wait');
    await runInLab(host, ['rm', '-f', TOP]);
    await lab.drover.discover(host);
  });

  it('moves with the chain, and leaves nothing of it', async () => {
    const before = await guest.says();
    const migration = await startCold(lab, vm, 'h2');
    await untilUnconfirmed(migration);
    await migration.confirm(BY);
    await migration.result();

    expect((await booted(ip)).disks).toEqual(before.disks);
    const chain = ['qemu-img', 'info', '-U', '--backing-chain', TOP];
    expect(await runInLab('h2', chain)).toContain(`image: ${IMAGES}/${vm}/disk.qcow2`);
    expect((await leftoversOf(vm)).h1).toEqual({});
  });
});

describe('a guest that is off', () => {
  it('moves, and stays off', async () => {
    await runInLab('h1', ['virsh', '-q', 'destroy', 'blk1']);
    const migration = await startCold(lab, 'blk1', 'h2', {
      window: { seconds: 0, then: 'confirm' },
    });
    await migration.result();

    expect(await runInLab('h2', ['virsh', 'domstate', 'blk1'])).toContain('shut off');
    expect((await leftoversOf('blk1')).h1).toEqual({});
    await runInLab('h2', ['virsh', '-q', 'start', 'blk1']);
    await lab.drover.discover('h2');
  });
});

describe('a move that is not confirmed', () => {
  const guest = GUEST.blk1;
  const { vm, ip } = guest;
  let written: unknown;
  let start: unknown;
  beforeEach(async () => {
    await booted(ip);
    await guest.write(20);
    written = (await guest.says()).disks;
    start = await leftoversOf(vm);
  });
  const isAsItWas = async () => {
    expect(await hostOf(vm)).toBe('h1');
    expect((await booted(ip)).disks).toEqual(written);
    expect(await leftoversOf(vm)).toEqual(start);
    expect(await lab.inventory.claims()).toEqual([]);
  };

  it('goes back by revert, without what was written on the target', async () => {
    const migration = await startCold(lab, vm, 'h2');
    await untilUnconfirmed(migration);
    await booted(ip);
    await guest.write(5);
    await migration.revert(BY);

    expect(await migration.result()).toMatchObject({ outcome: 'reverted' });
    await isAsItWas();
  });

  it('goes back when it is aborted', async () => {
    const migration = await startCold(lab, vm, 'h2');
    await untilUnconfirmed(migration);
    await migration.abort();

    await expect(migration.result()).rejects.toMatchObject({ outcome: 'cancelled' });
    await isAsItWas();
  });

  it('goes back by itself at the deadline, if that was asked for', async () => {
    const migration = await startCold(lab, vm, 'h2', { window: { seconds: 1, then: 'revert' } });

    expect(await migration.result()).toMatchObject({ outcome: 'reverted' });
    await isAsItWas();
  });
});
