/** Hosts that call things differently: disks arrive in another folder, interfaces on another bridge, and come back. */
import { diskXml, IMAGES, makeImage, onHost } from '../../../lab/everyday.js';
import {
  adopt,
  everydayLab,
  expectRefused,
  moveCold,
  moveLive,
  sha256,
} from '../../helpers/everyday.js';

const { lab, make, litter, during } = everydayLab();

const THERE = { storageMaps: [`${IMAGES}=/srv/fast`], networkMaps: ['br0=br-lan'] };
const BACK = { storageMaps: [`/srv/fast=${IMAGES}`], networkMaps: ['br-lan=br0'] };

/** A copy may be written into an image of its own: what the guest sees is the same. */
const CONTENT = 'qemu-io -U -f qcow2 -r -c "read -q -P 0x5a 1M 256k" "$1" && echo same';
/** The same of an image of the format `$2`, and that there are zeroes besides. */
const READ =
  'qemu-io -U -f "$2" -r -c "read -q -P 0x5a 1M 256k" -c "read -q -P 0 0 1M" -c "read -q -P 0 2M 14M" "$1" && echo same';

/** h2 has its guests' disks elsewhere, and another bridge. */
async function layOut(): Promise<void> {
  litter('/srv/fast');
  await onHost('h2', 'mkdir -p /srv/fast');
  await during(
    'h2',
    'ip link add br-lan type bridge && ip link set br-lan up',
    'ip link del br-lan',
  );
}

it('a guest moves live to another layout and back', async () => {
  await layOut();
  const guest = await make({ name: 'mapped1', number: 71 });
  await guest.start('h1');
  await adopt(lab);

  expect((await moveLive(lab, guest, 'h2', {}, THERE)).outcome).toBe('moved');

  const disk = '/srv/fast/mapped1/disk.qcow2';
  for (const view of [[], ['--inactive']]) {
    const xml = await guest.xml('h2', ...view);
    expect(xml).toContain(`file='${disk}'`);
    expect(xml).toContain(`bridge='br-lan'`);
  }
  expect(await onHost('h1', 'ls "$1"', IMAGES)).not.toContain('mapped1');

  expect((await moveLive(lab, guest, 'h1', {}, BACK)).outcome).toBe('moved');
  await guest.virsh('h1', 'destroy');
  expect(await onHost('h2', 'ls /srv/fast')).toBe('');
  expect(await onHost('h1', CONTENT, guest.disk)).toBe('same\n');
});

it('a guest moves cold to another layout, back by a revert, and for good', async () => {
  await layOut();
  const guest = await make({ name: 'mapped2', number: 72 });
  await adopt(lab);
  const [before, xml] = [await sha256('h1', guest.disk), await guest.xml('h1', '--inactive')];

  await moveCold(lab, guest, 'h2', 'revert', {}, THERE);
  expect(await sha256('h1', guest.disk)).toBe(before);
  // libvirt keeps an empty element where drover's mark was.
  expect((await guest.xml('h1', '--inactive')).replace('  <metadata/>\n', '')).toBe(xml);
  expect(await onHost('h2', 'ls /srv/fast')).toBe('');

  await moveCold(lab, guest, 'h2', 'confirm', {}, THERE);
  expect(await sha256('h2', '/srv/fast/mapped2/disk.qcow2')).toBe(before);
  await moveCold(lab, guest, 'h1', 'confirm', {}, BACK);
  expect(await sha256('h1', guest.disk)).toBe(before);
  expect(await onHost('h2', 'ls /srv/fast')).toBe('');
});

it('a disk is of another format on the target, live and cold, and after a revert as it was', async () => {
  const there = { storageMaps: ['format:qcow2=format:raw'] };
  const back = { storageMaps: ['format:raw=format:qcow2'] };
  const guest = await make({ name: 'turned1', number: 77 });
  await adopt(lab);
  const before = await sha256('h1', guest.disk);
  const seen = async (host: string, format: string) => {
    const xml = await guest.xml(host, '--inactive');
    const image = await onHost(host, 'qemu-img info -U --output=json "$1"', guest.disk);
    expect(xml).toMatch(new RegExp(`<driver name='qemu' type='${format}'`));
    expect(JSON.parse(image)).toMatchObject({ format, 'virtual-size': 16 * 1024 * 1024 });
    expect(await onHost(host, READ, guest.disk, format)).toBe('same\n');
  };

  await moveCold(lab, guest, 'h2', 'revert', {}, there);
  expect(await sha256('h1', guest.disk)).toBe(before);
  await moveCold(lab, guest, 'h2', 'confirm', {}, there);
  await seen('h2', 'raw');
  expect(await onHost('h2', 'du -k "$1" | cut -f 1', guest.disk)).toMatch(/^\d{1,3}\n$/);
  await moveCold(lab, guest, 'h1', 'confirm', {}, back);
  await seen('h1', 'qcow2');

  await guest.start('h1');
  await adopt(lab);
  await moveLive(lab, guest, 'h2', {}, there);
  await seen('h2', 'raw');
  await moveLive(lab, guest, 'h1', {}, back);
  await seen('h1', 'qcow2');
  await guest.virsh('h1', 'destroy');
});

it('storage that both hosts see under two names is not copied, and a cold move says so first', async () => {
  await during(
    'h2',
    'mkdir -p /srv/nas && mount --bind /srv/shared /srv/nas',
    'umount /srv/nas; rmdir /srv/nas',
  );
  const disk = '/srv/shared/named1.qcow2';
  litter(disk);
  await makeImage('h1', disk);
  const guest = await make({ name: 'named1', number: 73, disks: diskXml(disk) });
  await adopt(lab);
  const more = { storageMaps: ['/srv/shared=/srv/nas'] };
  const inode = () => onHost('h1', 'stat -c %i "$1"', disk);
  const before = await inode();

  const says = /is on storage that both hosts see, under two names: .*move it live/;
  await expectRefused(lab, guest, { move: 'cold', to: 'h2', says, more });

  await guest.start('h1');
  await adopt(lab);
  const { disks } = await moveLive(lab, guest, 'h2', {}, more);

  expect(disks).toMatchObject([{ device: 'vda', handling: 'shared' }]);
  expect(await guest.xml('h2')).toContain(`file='/srv/nas/named1.qcow2'`);
  expect(await inode()).toBe(before);
  await guest.virsh('h2', 'destroy');
});

it('a volume of a storage pool is one of the target’s pool, live and cold, and after a revert where it was', async () => {
  const folders = { h1: '/srv/pool', h2: '/srv/other-pool' };
  for (const [host, folder] of Object.entries(folders))
    await during(
      host,
      `mkdir -p ${folder} && virsh -q pool-define-as ssd dir --target ${folder} && virsh -q pool-start ssd`,
      `virsh -q pool-destroy ssd; virsh -q pool-undefine ssd; rm -rf ${folder}`,
    );
  await onHost(
    'h1',
    'virsh -q vol-create-as ssd pooled1.qcow2 16M --format qcow2 && qemu-io -f qcow2 -c "write -q -P 0x5a 1M 256k" /srv/pool/pooled1.qcow2',
  );
  const guest = await make({
    name: 'pooled1',
    number: 74,
    disks: `<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='ssd' volume='pooled1.qcow2'/><target dev='vda' bus='virtio'/></disk>`,
  });
  await adopt(lab);
  const listed = (host: string) =>
    onHost(host, `virsh -q vol-list ssd | awk '{ print $1 }' | grep . || :`);
  const before = await sha256('h1', '/srv/pool/pooled1.qcow2');

  await moveCold(lab, guest, 'h2', 'revert');
  expect(await sha256('h1', '/srv/pool/pooled1.qcow2')).toBe(before);
  expect([await listed('h1'), await listed('h2')]).toEqual(['pooled1.qcow2\n', '']);

  await moveCold(lab, guest, 'h2');
  expect(await onHost('h2', CONTENT, '/srv/other-pool/pooled1.qcow2')).toBe('same\n');
  expect([await listed('h1'), await listed('h2')]).toEqual(['', 'pooled1.qcow2\n']);
  await guest.start('h2');
  await adopt(lab);

  await moveLive(lab, guest, 'h1');

  expect(await guest.xml('h1', '--inactive')).toContain(
    `<source pool='ssd' volume='pooled1.qcow2'`,
  );
  expect([await listed('h1'), await listed('h2')]).toEqual(['pooled1.qcow2\n', '']);
  await guest.virsh('h1', 'destroy');
  await guest.start('h1');
  await guest.virsh('h1', 'destroy');
});

describe('a link of the target’s', () => {
  it('beside a shared disk makes no shared disk of a local one: a neighbour’s file there is not taken for it', async () => {
    const [shared, local, neighbours] = [
      '/srv/shared/linked1/d.qcow2',
      '/srv/vms/linked1/e.qcow2',
      '/srv/shared/linked1/e.qcow2',
    ];
    litter('/srv/shared/linked1', '/srv/vms');
    await makeImage('h1', shared);
    await makeImage('h1', local);
    await onHost('h2', 'echo precious >"$1"; mkdir -p /srv/vms', neighbours);
    await onHost('h2', 'ln -s /srv/shared/linked1 /srv/vms/linked1');
    const guest = await make({
      name: 'linked1',
      number: 75,
      disks: diskXml(shared) + diskXml(local, 'vdb'),
    });
    await adopt(lab);

    const says = /e\.qcow2/;
    await expectRefused(lab, guest, { move: 'cold', to: 'h2', says });
    await guest.start('h1');
    await adopt(lab);
    await expectRefused(lab, guest, { move: 'live', to: 'h2', says });

    expect(await onHost('h2', 'cat "$1"', neighbours)).toBe('precious\n');
  });

  it('that makes one file of two disks is found before anything is copied', async () => {
    const disks = ['/srv/vms/p/d.qcow2', '/srv/vms/q/d.qcow2'] as const;
    litter('/srv/vms');
    for (const disk of disks) await makeImage('h1', disk);
    await onHost('h2', 'mkdir -p /srv/vms/q && ln -s q /srv/vms/p');
    const guest = await make({
      name: 'linked2',
      number: 76,
      disks: diskXml(disks[0]) + diskXml(disks[1], 'vdb'),
    });
    await adopt(lab);

    const says =
      /disk vdb is to be \/srv\/vms\/q\/d\.qcow2 on h2, which is .* two files would become one/;
    await expectRefused(lab, guest, { move: 'cold', to: 'h2', says });
  });
});
