/** Addresses of the target: consoles stay in their own network, and the memory goes where it is taken. */
import { labHost } from '../../../lab/site.js';
import { GUEST } from '../../../lab/framework/guest.js';
import { adopt, everydayLab, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';
import { moveTo } from '../../helpers/lab.js';

const { lab, make, during, undo } = everydayLab();

const vnc = (listen: string, more = `port='-1' autoport='yes'`): string =>
  `<graphics type='vnc' ${more} listen='${listen}'><listen type='address' address='${listen}'/></graphics>`;

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
    undo(() => lab.inventory.putHost(labHost('h2')));
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

  it('which the source’s firewall does not let fetch copies is told before the power-off', async () => {
    await during(
      'h1',
      'nft -f - <<E\ntable inet shut { chain in { type filter hook input priority 0; tcp dport 50000-60000 tcp flags & (syn | ack) == syn drop; }; }\nE',
      'nft delete table inet shut',
    );
    const guest = await make({ name: 'shut1', number: 92 });

    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: /the link gives no answer at 10\.77\.0\.11, where h1 would offer the copies .*--accept copy-ports/,
    });
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
