/** A target that cannot take the guest is refused before anything is touched. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { restartLibvirt, runInLab } from '../../lab/observer.js';
import { LAB_DIR, LAB_HOSTS, labHost } from '../../lab/site.js';
import { closeLab, connectLab, hostOf, leftovers, moveTo, type Lab } from '../helpers/lab.js';

jest.setTimeout(120_000);

const IMAGES = '/var/lib/libvirt/images';
const GIB = 1024 ** 3;

let lab: Lab;
beforeAll(async () => void (lab = await connectLab()));
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
    name: 'already holds a stale directory',
    before: () => onH3('mkdir', `${IMAGES}/blk1`),
    after: () => onH3('rmdir', `${IMAGES}/blk1`),
    says: /a stale \/var\/lib\/libvirt\/images\/blk1 is there/,
  },
  {
    name: 'lacks the guest’s kernel',
    before: () => onH3('mv', '/var/lib/libvirt/boot/vmlinuz', '/var/lib/libvirt/boot/gone'),
    after: () => onH3('mv', '/var/lib/libvirt/boot/gone', '/var/lib/libvirt/boot/vmlinuz'),
    says: /it lacks the file \/var\/lib\/libvirt\/boot\/vmlinuz/,
  },
])('a target that $name', ({ before, after, says }) => {
  beforeEach(async () => void (await before()));
  afterEach(async () => void (await after()));

  it('is refused, and nothing is touched', async () => {
    const start = await leftovers(lab, 'blk1');

    const migration = await lab.drover.startLiveMigration({
      vm: 'blk1',
      target: 'h3',
      requestedBy: 'test',
      reason: 'refusal',
    });

    await expect(migration.result()).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(says) as string,
    });
    expect(await hostOf(lab, 'blk1')).toBe('h1');
    expect(await leftovers(lab, 'blk1')).toEqual(start);
    expect(await lab.inventory.claims()).toEqual([]);
  });
});

describe('a guest whose CPU the target lacks', () => {
  const XML = `<domain type='qemu'><name>cpu1</name><uuid>77000000-0000-4000-8000-000000000009</uuid>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os>
    <cpu mode='custom' match='exact'><model fallback='forbid'>qemu64</model><feature policy='require' name='erms'/></cpu>
    <devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices></domain>`;
  // h3's libvirt is told that its emulator has no erms: in its cache of what QEMU said, read at its start.
  const CACHE = '/var/cache/libvirt/qemu/capabilities';
  beforeEach(async () => {
    await onH3(
      'sh',
      '-c',
      `sed -i "s/name='erms' type='boolean' value='true'/name='erms' type='boolean' value='false'/" ${CACHE}/*.xml`,
    );
    await restartLibvirt('h3');
    await runInLab('h1', [
      'sh',
      '-c',
      'printf %s "$1" >/run/cpu1.xml && virsh -q create /run/cpu1.xml',
      'sh',
      XML,
    ]);
    await lab.drover.discover('h1');
  });
  afterEach(async () => {
    for (const host of LAB_HOSTS)
      await runInLab(host, ['sh', '-c', 'virsh -q destroy cpu1 2>/dev/null || :']);
    await lab.drover.discover('h1');
    await onH3('sh', '-c', `rm -f ${CACHE}/*.xml`);
    await restartLibvirt('h3');
  });

  it('is refused, and nothing is touched', async () => {
    const migration = await lab.drover.startLiveMigration({
      vm: 'cpu1',
      target: 'h3',
      requestedBy: 'test',
      reason: 'refusal',
    });

    await expect(migration.result()).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/lacks what the guest's CPU has/) as string,
    });
    expect(await hostOf(lab, 'cpu1')).toBe('h1');
    expect(await lab.inventory.claims()).toEqual([]);
  });
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

      expect(await hostOf(lab, 'blk1')).toBe('h3');
      expect(await sum('h3')).toBe(await sum('h1'));
    });
  });

  it('is refused if another content stands under its name', async () => {
    await onH3('sh', '-c', `echo other >${BASE}`);
    const start = await leftovers(lab, 'blk1');

    const migration = await lab.drover.startLiveMigration({
      vm: 'blk1',
      target: 'h3',
      requestedBy: 'test',
      reason: 'refusal',
    });

    await expect(migration.result()).rejects.toMatchObject({ code: 'TARGET_STALE' });
    expect(await hostOf(lab, 'blk1')).toBe('h1');
    expect(await leftovers(lab, 'blk1')).toEqual(start);
  });
});
