/** What a guest's start will need of the target is known before the guest is touched, and consoles stay in their own network. */
import { makeGuest, onHost, type EverydayGuest } from '../../../lab/everyday.js';
import { labHost } from '../../../lab/site.js';
import { GUEST } from '../../../lab/framework/guest.js';
import { adopt, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';
import { closeLab, connectLab, moveTo, type Lab } from '../../helpers/lab.js';
import { droverSays } from '../../helpers/lab-cli.js';

jest.setTimeout(180_000);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await adopt(lab);
});
const make = async (...recipe: Parameters<typeof makeGuest>): Promise<EverydayGuest> => {
  const guest = await makeGuest(...recipe);
  undo.push(() => guest.remove());
  await adopt(lab);
  return guest;
};
/** On one host for the length of a test. */
const during = async (host: string, begin: string, end: string): Promise<void> => {
  undo.push(() => onHost(host, end));
  await onHost(host, begin);
};

const vnc = (listen: string, more = `port='-1' autoport='yes'`): string =>
  `<graphics type='vnc' ${more} listen='${listen}'><listen type='address' address='${listen}'/></graphics>`;

it('everything that the target lacks is told at once (G20)', async () => {
  await during(
    'h1',
    `mkdir -p /srv/only-here && echo kernel >/srv/only-here/vmlinuz
echo "<filter name='only-here' chain='root'/>" | virsh -q nwfilter-define /dev/stdin`,
    'rm -rf /srv/only-here; virsh -q nwfilter-undefine only-here',
  );
  const guest = await make({
    name: 'needy1',
    number: 80,
    beside: '<memoryBacking><hugepages/></memoryBacking>',
    interfaces: `<interface type='bridge'><mac address='52:54:00:77:00:80'/><source bridge='br0'/><filterref filter='only-here'/></interface>`,
    devices: `<serial type='file'><source path='/srv/only-here/serial.log'/><log file='/srv/only-here/log'/></serial>${vnc('0.0.0.0', `port='16509' autoport='no'`)}`,
  });

  const all = [
    'it lacks the network filter only-here \\(interface 52:54:00:77:00:80\\)',
    'it lacks the folder /srv/only-here \\(serial',
    'it has 0 free huge pages of 2048 KiB, the guest needs 32',
    'port 16509 \\(graphics vnc\\) is taken there',
  ];
  const says = new RegExp(all.map((text) => `(?=.*${text})`).join(''));
  await expectRefused(lab, guest, { move: 'cold', to: 'h2', says });
});

it('a kernel that is another one on the target keeps the guest where it is, unless somebody says so', async () => {
  const kernel = '/srv/kernels/vmlinuz';
  for (const [host, text] of [
    ['h1', 'one'],
    ['h2', 'two'],
  ] as const)
    await during(host, `mkdir -p /srv/kernels && echo ${text} >${kernel}`, 'rm -rf /srv/kernels');
  const guest = await make({ name: 'kern1', number: 79, boot: `<kernel>${kernel}</kernel>` });

  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h2',
    says: /os\/kernel is \/srv\/kernels\/vmlinuz, which is another file on h2: .*--accept other-file/,
  });
  await onHost('h2', `echo one >${kernel}`);
  await moveCold(lab, guest, 'h2');
});

it('a UEFI guest that has not been started yet has no variables, and moves', async () => {
  const nvram = '/var/lib/libvirt/qemu/nvram/fresh1_VARS.fd';
  const guest = await make({
    name: 'fresh1',
    number: 76,
    boot: `<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>${nvram}</nvram>`,
  });

  await moveCold(lab, guest, 'h2');
  await guest.start('h2');
  expect(await onHost('h2', `ls ${nvram}`)).toContain(nvram);
});

describe('a console that listens on an address of its host (G21)', () => {
  it('listens on the target’s address of the same network', async () => {
    const guest = await make({ name: 'seen1', number: 81, devices: vnc('10.77.0.11') });

    await moveCold(lab, guest, 'h2');
    expect(await guest.xml('h2')).toContain(`listen='10.77.0.12'`);
    await moveCold(lab, guest, 'h1');
    expect(await guest.xml('h1')).toContain(`listen='10.77.0.11'`);
  });

  it('is refused, and not moved to another network, if the target has none there', async () => {
    await during('h1', 'ip addr add 10.99.7.1/24 dev br0', 'ip addr del 10.99.7.1/24 dev br0');
    const guest = await make({ name: 'seen2', number: 82, devices: vnc('10.99.7.1') });

    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: /it has no address in the network of 10\.99\.7\.1, on which graphics vnc listens/,
    });
  });
});

describe('a target (G22)', () => {
  it('without a migration address gets the memory where its libvirtd is called, whatever its name is', async () => {
    const { migrationAddress: _address, ...plain } = labHost('h2');
    undo.push(() => lab.inventory.putHost(labHost('h2')));
    await lab.inventory.putHost(plain);
    await during(
      'h2',
      'hostname >/run/hostname.was; hostname kvm-xyz',
      'hostname "$(cat /run/hostname.was)"',
    );

    await moveTo(lab, GUEST.web1.vm, 'h2');
    await moveTo(lab, GUEST.web1.vm, 'h1');
  });

  it('whose firewall drops QEMU’s ports is refused before anything is touched', async () => {
    await during(
      'h2',
      'nft -f - <<E\ntable inet shut { chain in { type filter hook input priority 0; tcp dport 49152-49215 drop; }; }\nE',
      'nft delete table inet shut',
    );

    await expectRefused(
      lab,
      { name: GUEST.web1.vm },
      {
        move: 'live',
        to: 'h2',
        says: /the link gives no answer at 10\.77\.0\.12, where h2 would take the memory .*--accept migration-ports/,
      },
    );
  });
});

it('a guest with a network of QEMU’s own moves live and cold (G18)', async () => {
  const guest = await make({
    name: 'user1',
    number: 83,
    interfaces: `<interface type='user'><mac address='52:54:00:77:00:83'/><model type='virtio'/></interface>`,
  });
  await guest.start('h1');
  await adopt(lab);

  await moveLive(lab, guest, 'h2');
  expect(await guest.virsh('h2', 'domstate')).toContain('running');
  await guest.virsh('h2', 'destroy');
  await adopt(lab);
  await moveCold(lab, guest, 'h1');
});

it('limits on a device of the host are dropped, and said (G18)', async () => {
  const guest = await make({
    name: 'limited1',
    number: 84,
    beside: '<blkiotune><device><path>/dev/sda</path><weight>300</weight></device></blkiotune>',
  });

  const report = await moveCold(lab, guest, 'h2');

  expect(report.remarks).toContain('blkiotune of /dev/sda dropped: it is a device of the source');
  expect(await guest.xml('h2')).not.toContain('/dev/sda');
});

it('a paused guest moves cold only if somebody gives its memory up (G15)', async () => {
  const guest = await make({ name: 'still1', number: 85 });
  await guest.start('h1');
  await guest.virsh('h1', 'suspend');
  await adopt(lab);

  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h2',
    says: /the guest is paused, and a cold move would end it .*virsh resume still1.*--accept paused-memory/,
  });
});

describe('an ISO in a folder that is not shared (G03)', () => {
  const iso = '/var/lib/libvirt/images/iso/tools.iso';
  const drive = `<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='${iso}'/><target dev='sda' bus='sata'/><readonly/></disk>`;
  const lay = (host: string, text: string) =>
    during(
      host,
      `mkdir -p "$(dirname ${iso})" && printf %s ${text} >${iso}`,
      `rm -rf "$(dirname ${iso})"`,
    );

  it('is brought, is there for the way back, and for a second guest', async () => {
    await lay('h1', 'drivers');
    await during('h2', 'true', `rm -rf "$(dirname ${iso})"`);
    const guest = await make({ name: 'iso1', number: 86, devices: drive });
    const other = await make({ name: 'iso2', number: 87, devices: drive });

    await moveCold(lab, guest, 'h2');
    expect(await onHost('h2', `cat ${iso}`)).toBe('drivers');
    await moveCold(lab, guest, 'h1');
    await moveCold(lab, other, 'h2');
    expect(await onHost('h1', `cat ${iso}`)).toBe('drivers');
  });

  it('is used if the target has the same, and is still there after a revert', async () => {
    await lay('h1', 'drivers');
    await lay('h2', 'drivers');
    const guest = await make({ name: 'iso3', number: 88, devices: drive });

    await moveCold(lab, guest, 'h2', 'revert');
    expect(await onHost('h2', `cat ${iso}`)).toBe('drivers');
  });

  it('keeps the guest where it is if the target has another of that name', async () => {
    await lay('h1', 'drivers');
    await lay('h2', 'something-else');
    const guest = await make({ name: 'iso4', number: 89, devices: drive });

    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: new RegExp(`a stale ${iso} is there`),
    });
  });
});

describe('the account of a VM', () => {
  it('is shown before it has ever moved, with how it can move', async () => {
    await make({
      name: 'told1',
      number: 77,
      devices: `${vnc('10.77.0.11')}<hostdev mode='subsystem' type='usb'><source><vendor id='0x046d'/><product id='0xc52b'/></source></hostdev>`,
    });

    const shown = await droverSays('show', 'told1');
    expect(shown).toContain('told1 is shutoff on h1; it can move: no');
    expect(shown).toContain('not live, cold: hostdev usb 046d:c52b is a device of this host');
    expect(shown).toMatch(/graphics vnc: needed on the target: an address in the network/);
    expect(await droverSays('vms')).toMatch(/told1 .* no +hostdev usb 046d:c52b/);
  });

  it('stands in the dry run, for the move that is asked for', async () => {
    await make({ name: 'told2', number: 78, devices: vnc('10.77.0.11') });

    const planned = await droverSays('migrate', 'told2', '--to', 'h2', '--dry-run');
    expect(planned).toContain('what becomes of its parts:');
    expect(planned).toMatch(/disk vda: rewritten: shared, connected, copied or fetched/);
    expect(planned).toContain('virDomainDefineXMLFlags VALIDATE');
  });
});
