/** A target that cannot take the guest is refused before anything is touched. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { runInLab } from '../../lab/observer.js';
import { LAB_DIR } from '../../lab/folder.js';
import { labHost } from '../../lab/site.js';
import { hostOf, leftoversOf } from '../../lab/guests.js';
import { closeLab, connectLab, expectRefusal, moveTo, type Lab } from '../helpers/lab.js';

jest.setTimeout(120_000);

const IMAGES = '/var/lib/libvirt/images';
const GIB = 1024 ** 3;

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));
beforeEach(() => moveTo(lab, 'blk1', 'h1'));

const onH3 = (...argv: string[]) => runInLab('h3', argv);

describe.each([
  {
    name: 'lacks memory',
    before: () => lab.inventory.putHost(labHost('h3', { reservedMemoryBytes: 1024 * GIB })),
    after: () => lab.inventory.putHost(labHost('h3')),
    says: /256 MiB of memory wanted, 0 MiB free/,
  },
  {
    name: 'lacks vCPUs',
    before: () => lab.inventory.putHost(labHost('h3', { vcpuRatio: 0.01 })),
    after: () => lab.inventory.putHost(labHost('h3')),
    says: /1 vCPUs wanted, 0 free/,
  },
  {
    name: 'is being drained',
    before: () => lab.inventory.putHost(labHost('h3', { state: 'draining' })),
    after: () => lab.inventory.putHost(labHost('h3')),
    says: /the host is draining/,
  },
  {
    name: 'lacks the bridge',
    before: () => onH3('sh', '-c', 'ip link set br0 down && ip link set br0 name br9'),
    after: () => onH3('sh', '-c', 'ip link set br9 name br0 && ip link set br0 up'),
    says: /it lacks the bridge br0/,
  },
  {
    name: 'lacks disk space',
    before: () => onH3('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', IMAGES),
    after: () => onH3('umount', IMAGES),
    says: /has \d+ bytes free, the disks may need \d+/,
  },
  {
    name: 'has an empty folder of the guest’s name already',
    before: () => onH3('mkdir', `${IMAGES}/blk1`),
    after: () => onH3('rmdir', `${IMAGES}/blk1`),
    says: /\/var\/lib\/libvirt\/images\/blk1 is there already, an empty folder: remove it/,
  },
  {
    name: 'lacks the guest’s kernel',
    before: () => onH3('mv', '/var/lib/libvirt/boot/vmlinux', '/var/lib/libvirt/boot/gone'),
    after: () => onH3('mv', '/var/lib/libvirt/boot/gone', '/var/lib/libvirt/boot/vmlinux'),
    says: /it lacks the file \/var\/lib\/libvirt\/boot\/vmlinux/,
  },
])('a target that $name', ({ before, after, says }) => {
  beforeEach(async () => {
    await before();
  });
  afterEach(async () => {
    await after();
  });

  it('is refused, and nothing is touched', () => expectRefusal(lab, 'blk1', 'h3', says));
});

describe('a target without the backing file', () => {
  const BASE = `${IMAGES}/_base/base.qcow2`;
  const store = (name: string) => join(LAB_DIR, 'store', name);
  beforeEach(() => onH3('rm', '-f', BASE));
  afterEach(async () => {
    await moveTo(lab, 'blk1', 'h1');
    await onH3('rm', '-f', BASE);
  });
  const sum = async (host: string) => (await runInLab(host, ['sha256sum', BASE])).slice(0, 64);

  it('gets it from the image store', async () => {
    await moveTo(lab, 'blk1', 'h3');

    expect(await sum('h3')).toBe(await sum('h1'));
  });

  describe('that the image store has lost', () => {
    beforeEach(() => rename(store('base.qcow2'), store('lost')));
    afterEach(() => rename(store('lost'), store('base.qcow2')));

    it('gets it from the source', async () => {
      await moveTo(lab, 'blk1', 'h3');

      expect(await hostOf('blk1')).toBe('h3');
      expect(await sum('h3')).toBe(await sum('h1'));
    });
  });

  it('is refused if another content stands under its name', async () => {
    await onH3('sh', '-c', `echo other >${BASE}`);
    const start = await leftoversOf('blk1');

    await expect(moveTo(lab, 'blk1', 'h3')).rejects.toMatchObject({ code: 'TARGET_STALE' });
    expect(await hostOf('blk1')).toBe('h1');
    expect(await leftoversOf('blk1')).toEqual(start);
  });
});
