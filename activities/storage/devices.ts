/** Block devices that both hosts see: that they are one and the same is proved by what they are known by, and by their content. */
import { defined } from '../../model/defined.js';
import { compareIds, idsText, type DeviceIds } from '../../model/device.js';
import { CodedError } from '../../model/errors.js';
import { objection, type Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import { targetSourceOf, type DiskPlan } from '../../model/storage.js';
import type { DeviceFacts, HostDevices } from '../../drivers/interfaces/devices.js';
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Ends } from '../guest/location.js';
import type { Fleet } from '../host/elsewhere.js';
import { deviceUsers, ofSource } from './device-users.js';
import { intoObjections, outOf } from './into-device.js';
import type { DiskFacts, Planned } from './handling.js';

/** The facts, with the plan of each disk that is a device on either host. */
export const withDevices = (
  fleet: Fleet,
  ends: Ends,
  route: Route,
  facts: readonly DiskFacts[],
): Promise<DiskFacts[]> =>
  Promise.all(
    facts.map(async (one) =>
      one.abilities.hasIdentity || targetSourceOf(one.disk).kind === 'block'
        ? { ...one, device: await planOfDevice(fleet, ends, route, one) }
        : one,
    ),
  );

async function planOfDevice(
  fleet: Fleet,
  ends: Ends,
  route: Route,
  facts: DiskFacts,
): Promise<Planned> {
  const { disk, here: file } = facts;
  const [from, to] = [disk.source, targetSourceOf(disk)];
  const here =
    from.kind === 'block' ? await factsAt(ends.source.storage.devices, from.path) : undefined;
  if (to.kind !== 'block' && here)
    return outOf(fleet, ends, route, planned(facts, 'copy', `out of ${here.path}`), here);
  if (to.kind !== 'block')
    throw new CodedError('BUG', `${disk.device} is no device on either host`);
  const there = await factsAt(ends.target.storage.devices, to.path);
  if (here && there.kind === 'device' && compareIds(here.ids, there.ids).is === 'same')
    return planOfOne(fleet, ends, route, facts, [here, there]);
  const about = `disk ${disk.device}`;
  const plan = planned(
    facts,
    'copy',
    `into the block device ${to.path} on ${route.target}${largerBy(there, facts)}`,
  );
  if (there.kind !== 'device')
    return { plan, objections: [noDevice(about, route, here?.path ?? to.path, there)] };
  const others = here ? await ofSource(fleet, ends, route, about, here) : [];
  return {
    plan,
    objections: [
      ...fileObjections(about, route, file),
      ...others,
      ...(await intoObjections(fleet, ends, route, plan, { here, there })),
    ],
  };
}

const largerBy = ({ sizeBytes }: DeviceFacts, { inspection }: DiskFacts): string =>
  sizeBytes > inspection.capacityBytes
    ? `, which is larger: the guest sees ${sizeBytes} bytes instead of ${inspection.capacityBytes}`
    : '';

const planned = (
  { disk, inspection }: DiskFacts,
  handling: DiskPlan['handling'],
  reason: string,
  identity?: DeviceIds,
): DiskPlan => ({
  ...disk,
  inspection,
  handling,
  reason,
  ...defined({ identity }),
});

/** One device that both hosts see: it stays where it is. */
async function planOfOne(
  fleet: Fleet,
  { source, target }: Ends,
  route: Route,
  facts: DiskFacts,
  [here, there]: readonly [DeviceFacts, DeviceFacts],
): Promise<Planned> {
  const { disk } = facts;
  const about = `disk ${disk.device}`;
  const reason = `${there.path} on ${route.target} is the same device: ${idsText(here.ids)}`;
  const plan = planned(facts, 'volume', reason, here.ids);
  const other = sizeObjections(about, route, here, there);
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

/** A file that is to be written into a device. */
function fileObjections(
  about: string,
  { source }: Route,
  file: FileFacts | undefined,
): Objection[] {
  if (!file?.isLink) return [];
  return [
    objection(
      about,
      `is at ${file.path}, a link to ${file.real} on ${source}`,
      `name ${file.real} in the definition (virsh edit)`,
    ),
  ];
}

const noDevice = (about: string, { target }: Route, path: string, there: DeviceFacts): Objection =>
  objection(
    about,
    `is the block device ${path}, and ${there.path} on ${target} is ${there.kind === 'absent' ? 'not there' : 'no block device'}`,
    `connect it to ${target} too, make an empty one of that size there (lvcreate), or name another place (--map-storage ${path}=…)`,
  );

function sizeObjections(
  about: string,
  { source, target }: Route,
  here: DeviceFacts,
  there: DeviceFacts,
): Objection[] {
  return here.sizeBytes === there.sizeBytes
    ? []
    : [
        objection(
          about,
          `is ${here.path} of ${here.sizeBytes} bytes, and on ${target} the same device has ${there.sizeBytes}`,
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
