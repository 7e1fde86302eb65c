/** Block devices that both hosts see: that they are one and the same is proved by what they are known by, and by their content. */
import { compareIds, idsText } from '../../model/device.js';
import { objection, type Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import { targetSourceOf, type DiskPlan } from '../../model/storage.js';
import type { DeviceFacts, HostDevices } from '../../drivers/interfaces/devices.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Ends } from '../guest/location.js';
import type { Fleet } from '../host/elsewhere.js';
import { deviceUsers } from './device-users.js';
import type { DiskFacts, Planned } from './handling.js';

/** The facts, with the plan of each disk that is a device. */
export const withDevices = (
  fleet: Fleet,
  ends: Ends,
  route: Route,
  facts: readonly DiskFacts[],
): Promise<DiskFacts[]> =>
  Promise.all(
    facts.map(async (one) =>
      one.abilities.hasIdentity
        ? { ...one, device: await planOfDevice(fleet, ends, route, one) }
        : one,
    ),
  );

async function planOfDevice(
  fleet: Fleet,
  { source, target }: Ends,
  route: Route,
  { disk, inspection }: DiskFacts,
): Promise<Planned> {
  const [from, to] = [disk.source, targetSourceOf(disk)];
  const path = from.kind === 'block' ? from.path : '';
  const pathThere = to.kind === 'block' ? to.path : path;
  const [here, there] = await Promise.all([
    factsAt(source.storage.devices, path),
    factsAt(target.storage.devices, pathThere),
  ]);
  const plan: DiskPlan = {
    ...disk,
    inspection,
    handling: 'volume',
    reason: `${pathThere} on ${route.target} is the same device: ${idsText(here.ids)}`,
    identity: here.ids,
  };
  const about = `disk ${disk.device}`;
  const other = identityObjections(about, route, here, there);
  if (other.length > 0) return { plan, objections: other };
  return {
    plan,
    objections: [
      ...(await contentObjections(about, route, source, target, [here, there])),
      ...(await deviceUsers(fleet, { source, target }, route, disk, [here, there])),
    ],
  };
}

async function factsAt(devices: HostDevices, path: string): Promise<DeviceFacts> {
  const [facts] = await devices.facts([path]);
  return facts ?? { path, real: path, kind: 'absent', sizeBytes: 0, ids: {}, users: [] };
}

const BY_ID = 'name it by /dev/disk/by-id or /dev/mapper, which are the same on every host';

function identityObjections(
  about: string,
  { source, target }: Route,
  here: DeviceFacts,
  there: DeviceFacts,
): Objection[] {
  const { path } = here;
  const thereIs = there.path === path ? 'that' : there.path;
  if (there.kind !== 'device')
    return [
      objection(
        about,
        `is the block device ${path}, and ${there.path} on ${target} is ${there.kind === 'absent' ? 'not there' : 'no block device'}; drover moves a guest with a device that both hosts see, and copies none yet`,
        `connect it to ${target} too, or ${BY_ID}; else put the disk into a file (qemu-img convert)`,
      ),
    ];
  const { is, by = '' } = compareIds(here.ids, there.ids);
  if (is === 'other')
    return [
      objection(
        about,
        `is the block device ${path} (${by}), and ${thereIs} on ${target} is another one (${idsText(there.ids)}): the guest would run on a wrong disk`,
        `${BY_ID}; a device of ${source} alone has to become a file first (qemu-img convert)`,
      ),
    ];
  if (is === 'unknown')
    return [
      objection(
        about,
        `is the block device ${path}, and whether ${thereIs} on ${target} is the same cannot be told: here it has ${idsText(here.ids)}, there ${idsText(there.ids)}`,
        `give it a name that both hosts see (a WWN or a serial of its target, udevadm info ${path}), or put the disk into a file`,
      ),
    ];
  return here.sizeBytes === there.sizeBytes
    ? []
    : [
        objection(
          about,
          `is ${path} of ${here.sizeBytes} bytes, and on ${target} the same device has ${there.sizeBytes}`,
          `let ${here.sizeBytes < there.sizeBytes ? source : target} read its size anew (echo 1 >/sys/block/…/device/rescan)`,
        ),
      ];
}

/** A guest that runs writes meanwhile: a part that has changed between two looks says nothing. */
const LOOKS = 3;

async function contentObjections(
  about: string,
  { source, target }: Route,
  from: HostDrivers,
  to: HostDrivers,
  [here, there]: readonly [DeviceFacts, DeviceFacts],
): Promise<Objection[]> {
  let alike = 0;
  for (let look = 0; look < LOOKS; look++) {
    const before = await from.storage.devices.samples(here.path);
    const seen = await to.storage.devices.samples(there.path);
    const after = await from.storage.devices.samples(here.path);
    const steady = before.flatMap((sum, index) => (sum === after[index] ? [index] : []));
    if (steady.some((index) => before[index] !== seen[index]))
      return [
        objection(
          about,
          `is the block device ${here.path}; ${there.path} on ${target} has the same name (${idsText(there.ids)}), but other content than on ${source}`,
          'one of the two is a clone with the same name, or a host has old data in its cache: find out which (lsblk -o +WWN,SERIAL)',
        ),
      ];
    alike = Math.max(alike, steady.length);
    if (alike * 2 > before.length) return [];
  }
  return [
    objection(
      about,
      `is the block device ${here.path}, which changes too fast to compare it with the one on ${target}`,
      'try again when the guest writes less',
    ),
  ];
}
