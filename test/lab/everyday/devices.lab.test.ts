/** Block devices (G30): one that both hosts see moves without a copy, told by what it is known by; any other is refused by name. */
import { onHost } from '../../../lab/everyday.js';
import { everydayLab, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';

const { lab, make, undo } = everydayLab();

const DEVICE = '/srv/by-id/lun0';
const DISK = `<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source dev='${DEVICE}'/><target dev='vda' bus='virtio'/></disk>`;

/** `$1` file: a loop device over it, with a pattern in it; prints its number. */
const ATTACH = `rm -f "$1"; truncate -s 16M "$1"; qemu-io -f raw -c 'write -q -P 0x5a 1M 256k' "$1"; losetup --find --show "$1" | tr -dc 0-9`;
/** `$1` number, `$2` WWN: as udev lists a LUN on a host that sees it. */
const SEE = `mkdir -p /run/udev/data "$(dirname ${DEVICE})"
printf 'E:ID_WWN_WITH_EXTENSION=%s\\n' "$2" >"/run/udev/data/b7:$1"; ln -sfn "/dev/loop$1" ${DEVICE}`;
const UNSEE = `rm -rf "/run/udev/data/b7:$1" "$(dirname ${DEVICE})"`;
const CONTENT = `sha256sum <"$1"`;

/** A LUN, which a host sees under that WWN once it is shown there. */
async function makeLun(name: string) {
  const file = `/var/lib/drover-lun-${name}.raw`;
  const number = (await onHost('fabric', ATTACH, file)).trim();
  undo(() => onHost('fabric', 'losetup -d "/dev/loop$1"; rm -f "$2"', number, file));
  return {
    device: `/dev/loop${number}`,
    content: () => onHost('fabric', CONTENT, `/dev/loop${number}`),
    async showOn(host: string, wwn = '0x6001405abcdef001') {
      undo(() => onHost(host, UNSEE, number));
      await onHost(host, SEE, number, wwn);
    },
  };
}

it('a running guest on a LUN moves there and back, and cold with a revert, without a byte copied', async () => {
  const lun = await makeLun('one');
  for (const host of ['h1', 'h2']) await lun.showOn(host);
  const before = await lun.content();
  const guest = await make({ name: 'lun1', number: 45, disks: DISK });
  await guest.start('h1');

  await moveLive(lab, guest, 'h2');
  expect(await guest.virsh('h2', 'domstate')).toContain('running');
  await moveLive(lab, guest, 'h1');
  await moveCold(lab, guest, 'h2', 'revert');
  expect(await guest.virsh('h1', 'domstate')).toContain('running');
  await moveCold(lab, guest, 'h2');

  expect(await guest.virsh('h2', 'domstate')).toContain('running');
  await guest.virsh('h2', 'destroy');
  expect(await lun.content()).toBe(before);
});

it('where the target has another device under that name, or none, it stays', async () => {
  const [lun, other] = [await makeLun('two'), await makeLun('three')];
  await lun.showOn('h1');
  const guest = await make({ name: 'lun2', number: 46, disks: DISK });
  await guest.start('h1');
  const refuse = (says: RegExp, move: 'live' | 'cold' = 'live') =>
    expectRefused(lab, guest, { move, to: 'h2', says });

  await refuse(/disk vda is the block device \/srv\/by-id\/lun0, and .* on h2 is not there/);
  await other.showOn('h2', '0x6001405abcdef002');
  await refuse(/and that on h2 is another one \(wwn 6001405abcdef002/, 'cold');
  // A clone has the same content, and here the same name; then somebody writes to it.
  await other.showOn('h2');
  await onHost('h2', `qemu-io -f raw -c 'write -q -P 0x11 0 64k' "$1"`, other.device);
  await refuse(/has the same name \(wwn 6001405abcdef001\), but other content than on h1/);
});

it('a device that the target itself has mounted is not given to a guest', async () => {
  const lun = await makeLun('four');
  for (const host of ['h1', 'h2']) await lun.showOn(host);
  await onHost('fabric', 'mke2fs -q -F "$1"', lun.device);
  const guest = await make({ name: 'lun3', number: 47, disks: DISK });
  undo(() => onHost('h2', 'umount /srv/lun-mount 2>/dev/null || :; rm -rf /srv/lun-mount'));
  await onHost('h2', 'mkdir -p /srv/lun-mount; mount -o ro "$1" /srv/lun-mount', lun.device);

  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h2',
    says: /which h2 itself uses: mounted at \/srv\/lun-mount/,
  });
});
