/** VMs as common tools make them: every one is listed, moves by its name, and never spoils its host. */
import { IMAGES, pictureOfHosts } from '../../../lab/everyday.js';
import { moveTo } from '../../helpers/lab.js';
import { adopt, everydayLab, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';
import { runInLab } from '../../../lab/observer.js';

const { lab, make } = everydayLab();

describe('a VM that is called (G01)', () => {
  it.each(['Home Assistant', 'Büro-Server', '仮想マシン', '-rf', 'a;b', '$(reboot)'])(
    '%s is listed, and moves by its name and its UUID',
    async (name) => {
      const guest = await make({ name, number: 71, host: 'h2' });
      await adopt(lab);
      expect((await lab.inventory.vms()).map((vm) => vm.name)).toContain(name);
      expect((await lab.drover.audit()).unasked).toEqual([]);

      await moveCold(lab, guest, 'h1');
      await moveCold(lab, { name: guest.uuid }, 'h2');

      expect(await runInLab('h2', ['virsh', '-q', 'domstate', guest.uuid])).toContain('shut off');
    },
  );

  it('and beside it the others of its host go on', async () => {
    await make({ name: 'Home Assistant', number: 72, host: 'h2' });
    await adopt(lab);

    await moveTo(lab, 'web1', 'h2');
    await moveTo(lab, 'web1', 'h1');
  });
});

describe('a VM that drover cannot move', () => {
  it('is listed with the reasons, and counts for what its host has left', async () => {
    const devices = `<hostdev mode='subsystem' type='usb'><source><vendor id='0x046d'/><product id='0xc52b'/></source></hostdev>
<filesystem type='mount'><source dir='/srv/music'/><target dir='music'/></filesystem>`;
    const guest = await make({ name: 'tied1', number: 73, devices });
    const { vms } = await lab.drover.discover('h1');

    expect(vms.find(({ name }) => name === 'tied1')?.tiedBy).toEqual([
      'filesystem /srv/music shares a folder of this host with the guest: detach it first',
      'hostdev usb 046d:c52b is a device of this host: detach it first',
    ]);
    expect(await lab.inventory.vm('tied1')).toMatchObject({
      memoryBytes: 64 * 1024 ** 2,
      vcpus: 1,
    });
    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: /filesystem \/srv\/music .*; hostdev usb 046d:c52b/,
    });
  });
});

describe('a guest with an empty drive (G17)', () => {
  it('moves with it', async () => {
    const devices = `<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source startupPolicy='optional'/><target dev='sda' bus='sata'/><readonly/></disk>`;
    const guest = await make({ name: 'drive1', number: 74, devices });
    await guest.start('h1');
    await adopt(lab);

    await moveLive(lab, guest, 'h2');
    await moveCold(lab, guest, 'h1');

    expect(await guest.xml('h1', '--inactive')).toContain(`device='cdrom'`);
  });
});

describe('a guest with a CD that may be missing, and is', () => {
  it('moves with an empty drive', async () => {
    const devices = `<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='${IMAGES}/gone.iso' startupPolicy='optional'/><target dev='sda' bus='sata'/><readonly/></disk>`;
    const guest = await make({ name: 'drive2', number: 48, devices });
    await adopt(lab);

    const { remarks } = await moveCold(lab, guest, 'h2');

    expect(remarks).toEqual([`${IMAGES}/gone.iso is missing: its drive is empty`]);
    await guest.start('h2');
  });
});

it('what nobody has touched is as it was', async () => {
  const before = await pictureOfHosts();
  await adopt(lab);
  expect(await pictureOfHosts()).toEqual(before);
});
