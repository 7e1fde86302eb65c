/** What a guest's start will need of the target is known, and told, before the guest is touched. */
import { onHost } from '../../../lab/everyday.js';
import { adopt, everydayLab, expectRefused, moveCold } from '../../helpers/everyday.js';
import { droverSays } from '../../helpers/lab-cli.js';

const { lab, make, during } = everydayLab();

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

it('a macvtap on a port of the target’s bridge is refused before the guest is off, and moves to a free device', async () => {
  for (const host of ['h1', 'h2'])
    await during(
      host,
      'ip link add busy0 type veth peer name busy1 && ip link set busy0 up',
      'ip link del busy0',
    );
  const guest = await make({
    name: 'tapped1',
    number: 79,
    interfaces: `<interface type='direct'><mac address='52:54:00:77:00:79'/><source dev='busy0' mode='bridge'/></interface>`,
  });
  await during('h2', 'ip link set busy0 master br0', 'ip link set busy0 nomaster');

  const says = /busy0 \(interface 52:54:00:77:00:79\) is a port of br0 there/;
  await expectRefused(lab, guest, { move: 'cold', to: 'h2', says });

  await onHost('h2', 'ip link set busy0 nomaster');
  expect((await moveCold(lab, guest, 'h2')).outcome).toBe('moved');
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
