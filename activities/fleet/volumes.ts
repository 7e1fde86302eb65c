/** Volumes that are open where they should not be, as their storage tells. */
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import type { HostName } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';
import { toldOf } from '../guest/unopened.js';
import type { Found, Scene, SeenHost } from './scene.js';

/** A running guest's QEMU is the only one that has its volumes open, and nobody has those of a guest that is off. */
export async function volumeFindings(
  { moving, vms }: Pick<Scene, 'moving' | 'vms'>,
  host: HostName,
  { drivers }: Pick<SeenHost, 'drivers'>,
  guest: GuestOnHost,
): Promise<Found[]> {
  const vm = vms.find(({ uuid }) => uuid === guest.uuid);
  if (!vm || moving.has(guest.uuid)) return [];
  const isOn = isActive(guest.state);
  const told = await toldOf(drivers, vm.disks);
  return told
    .filter(({ by }) => by.length > (isOn ? 1 : 0))
    .map(({ device, name, by }) => ({
      finding: {
        host,
        kind: 'volume',
        what: `${device} of ${guest.name}, ${isOn ? 'which runs here' : 'which is off'}: ${name} is open by ${by.join(', ')}`,
        hint: `Find out what has it open (rbd status ${name.replace(/^rbd:/, '')}) before ${guest.name} is started or moved: two writers destroy a file system.`,
      },
    }));
}
