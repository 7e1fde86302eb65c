/** Names and networks as common tools make them: every VM is listed, moves by its name, and never spoils its host or a neighbour's rules. */
import { GUEST } from '../../../lab/framework/guest.js';
import { IMAGES } from '../../../lab/everyday.js';
import { spawn, type ChildProcess } from 'node:child_process';
import { makeGuest, onHost, pictureOfHosts, type EverydayGuest } from '../../../lab/everyday.js';
import { closeLab, connectLab, moveTo, type Lab } from '../../helpers/lab.js';
import { adopt, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';
import { askGuest, inLab, runInLab, until } from '../../../lab/observer.js';

jest.setTimeout(180_000);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));

const guests: EverydayGuest[] = [];
const make = async (...recipe: Parameters<typeof makeGuest>): Promise<EverydayGuest> => {
  const guest = await makeGuest(...recipe);
  guests.push(guest);
  return guest;
};
afterEach(async () => {
  for (const guest of guests.splice(0)) await guest.remove();
  await adopt(lab);
});

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

describe('a guest on a libvirt network (G02)', () => {
  const NET = `<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>`;
  beforeEach(async () => {
    for (const host of ['h1', 'h2'])
      await onHost(
        host,
        `printf '%s' "$1" >/run/lan.xml && virsh -q net-define /run/lan.xml && virsh -q net-start lan`,
        NET,
      );
  });
  afterEach(async () => {
    for (const host of ['h1', 'h2'])
      await onHost(
        host,
        'virsh -q net-destroy lan 2>/dev/null || :; virsh -q net-undefine lan 2>/dev/null || :',
      );
  });
  const onLan = (number: number) => ({
    name: `lan${number}`,
    number,
    interfaces: `<interface type='network'><mac address='52:54:00:77:00:${number}'/><source network='lan'/><model type='virtio'/></interface>`,
  });

  it('moves when it is off', async () => {
    const guest = await make(onLan(75));
    await adopt(lab);

    await moveCold(lab, guest, 'h2');

    expect(await guest.xml('h2', '--inactive')).toContain(`<source network='lan'/>`);
  });

  it('moves live and cold when it runs, and is on the network there', async () => {
    const guest = await make(onLan(76));
    await guest.start('h1');
    await adopt(lab);

    await moveLive(lab, guest, 'h2');
    expect(await onHost('h2', 'ls /sys/class/net/br0/brif')).toContain('dr525400770076');
    await moveCold(lab, guest, 'h1');
    expect(await guest.xml('h1', '--inactive')).toContain(`<source network='lan'/>`);
    expect(await onHost('h1', 'ls /sys/class/net/br0/brif')).toContain('dr525400770076');
  });

  it.each([
    {
      what: 'stopped',
      script: 'virsh -q net-destroy lan',
      says: /network lan is not active on h2: virsh net-start lan/,
    },
    {
      what: 'another network',
      script: `virsh -q net-destroy lan && virsh -q net-undefine lan && printf "<network><name>lan</name><bridge name='virbr9'/></network>" >/run/lan.xml && virsh -q net-define /run/lan.xml && virsh -q net-start lan`,
      says: /network lan is another one on h2: isolated there, bridge on h1.*--accept other-network/,
    },
    {
      what: 'not there',
      script: 'virsh -q net-destroy lan && virsh -q net-undefine lan',
      says: /network lan is not defined on h2/,
    },
  ])('does not move to a host where that is $what', async ({ script, says }) => {
    const guest = await make(onLan(77));
    await guest.start('h1');
    await adopt(lab);
    await onHost('h2', script);

    for (const move of ['live', 'cold'] as const)
      await expectRefused(lab, guest, { move, to: 'h2', says });
  });
});

describe('two guests with one MAC (G19)', () => {
  const metadata = (number: number) =>
    `<metadata><drover:vm xmlns:drover='https://drover.dev/xmlns/vm/1'><drover:port mac='52:54:00:77:00:${number}' groups='web'/></drover:vm></metadata>`;
  const twin = (name: string, number: number, host: string) => ({
    name,
    number,
    host,
    beside: metadata(78),
    interfaces: `<interface type='bridge'><mac address='52:54:00:77:00:78'/><source bridge='br0'/><model type='virtio'/></interface>`,
  });

  it.each(['live', 'cold'] as const)(
    'the second does not move to the host of the first (%s), which keeps its rules',
    async (move) => {
      const first = await make(twin('first', 78, 'h2'));
      const second = await make(twin('second', 79, 'h1'));
      await first.start('h2');
      if (move === 'live') await second.start('h1');
      await adopt(lab);
      await lab.drover.enforceGroups('h2');
      const rules = () => onHost('h2', 'nft -s list table bridge drover');
      expect(await rules()).toContain('to_525400770078');

      await expectRefused(lab, second, {
        move,
        to: 'h2',
        says: /first has the address 52:54:00:77:00:78 there/,
      });
      expect(await rules()).toContain('to_525400770078');
    },
  );
});

describe('a security group', () => {
  it('that is not known is found before anything is touched', async () => {
    const guest = await make({
      name: 'group1',
      number: 80,
      beside: `<metadata><drover:vm xmlns:drover='https://drover.dev/xmlns/vm/1'><drover:port mac='52:54:00:77:00:80' groups='web db'/></drover:vm></metadata>`,
    });
    await adopt(lab);

    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: /the security group db of interface 52:54:00:77:00:80 is not known: drover groups apply FILE/,
    });
  });

  const guest = GUEST.web1;
  const { vm, ip } = guest;
  /** How many packets the guest's rules have let in by UDP, and how many were dropped in the end. */
  const dropped = async (host: string): Promise<number> => {
    const chain = await onHost(host, 'nft list chain bridge drover to_525400770001');
    return Number(/counter packets (\d+) bytes \d+ drop/.exec(chain)?.[1]);
  };
  const sendFrom = (port: number) =>
    onHost('fabric', `echo hello | socat -u - "UDP:$1:4000,sourceport=$2"`, ip, String(port));

  it.each([53, 67, 123, 40_000])(
    'lets nothing in because it comes from UDP port %i (S5)',
    async (port) => {
      await moveTo(lab, vm, 'h1');
      await lab.drover.enforceGroups('h1');
      const before = await dropped('h1');

      await sendFrom(port);

      await until(async () => (await dropped('h1')) > before, 'the packet to be dropped');
    },
  );

  describe('lets in what answers the guest’s own UDP', () => {
    /** Whatever it is asked, it answers with an error of TFTP's. */
    let server: ChildProcess;
    const SERVER = String.raw`$s = IO::Socket::INET->new(LocalPort => 5353, Proto => "udp") or die;
while (defined $s->recv($q, 512)) { $s->send("\0\5\0\1heard\0") }`;
    beforeEach(() => {
      server = spawn(...inLab('fabric', ['perl', '-MIO::Socket::INET', '-e', SERVER]));
    });
    afterEach(() => server.kill());
    const isAnswered = () =>
      until(
        async () => (await askGuest(ip, 'ask-udp?10.77.0.1:5353')).includes('heard'),
        'the answer to arrive',
      );

    it('before a move, and after it', async () => {
      await moveTo(lab, vm, 'h1');
      await lab.drover.enforceGroups('h1');
      await isAnswered();

      await moveTo(lab, vm, 'h2');

      await isAnswered();
      await moveTo(lab, vm, 'h1');
    });
  });
});

it('what nobody has touched is as it was', async () => {
  const before = await pictureOfHosts();
  await adopt(lab);
  expect(await pictureOfHosts()).toEqual(before);
});
