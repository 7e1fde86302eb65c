/** Volumes that are open where they should not be, as their storage tells. */
import type { HostName } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';
import { toldOf } from '../guest/unopened.js';
import type { Found, Scene, SeenHost } from './scene.js';

type Guest = SeenHost['guests'][number];

/** A running guest's QEMU is the only one that has its volumes open, and nobody has those of a guest that is off. */
export async function volumeFindings(
  scene: Pick<Scene, 'moving' | 'vms'>,
  host: HostName,
  { drivers, guests }: Pick<SeenHost, 'drivers' | 'guests'>,
): Promise<Found[]> {
  // All of a host's at once: the shell takes as many as the host does.
  const found = await Promise.all(guests.map((guest) => ofGuest(scene, host, drivers, guest)));
  return found.flat();
}

async function ofGuest(
  { moving, vms }: Pick<Scene, 'moving' | 'vms'>,
  host: HostName,
  drivers: SeenHost['drivers'],
  { uuid, name: guest, state }: Guest,
): Promise<Found[]> {
  const vm = vms.find((one) => one.uuid === uuid);
  if (!vm || moving.has(uuid)) return [];
  const isOn = isActive(state);
  const told = await toldOf(drivers, vm.disks);
  return told
    .filter(({ by }) => by.length > (isOn ? 1 : 0))
    .map(({ device, name, by }) => ({
      finding: {
        host,
        kind: 'volume',
        what: `${device} of ${guest}, ${isOn ? 'which runs here' : 'which is off'}: ${name} is open by ${by.join(', ')}`,
        hint: `Find out what has it open (rbd status ${name.replace(/^rbd:/, '')}) before ${guest} is started or moved: two writers destroy a file system.`,
      },
    }));
}
