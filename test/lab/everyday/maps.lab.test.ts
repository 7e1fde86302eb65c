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
  const before = await sha256('h1', guest.disk);

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
  // A live copy writes the content into an image of its own.
  const content = 'qemu-io -U -f qcow2 -r -c "read -q -P 0x5a 1M 256k" "$1" && echo same';
  expect(await onHost('h1', content, guest.disk)).toBe('same\n');
  expect(before).toHaveLength(64);
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
