/** Networks as common tools make them: a guest moves to the same one only, and to no host where its MAC is. */
import { onHost } from '../../../lab/everyday.js';
import { adopt, everydayLab, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';

const { lab, make } = everydayLab();

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
