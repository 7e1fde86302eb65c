/** Block devices that both hosts see: that they are one and the same is proved by what they are known by, and by their content. */
import { compareIds, idsText } from '../../model/device.js';
import { objection, type Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import { targetSourceOf, type DiskPlan } from '../../model/storage.js';
import type { DeviceFacts, HostDevices } from '../../drivers/interfaces/devices.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Ends } from '../guest/location.js';
import { cannotBeAsked, type Fleet } from '../host/elsewhere.js';
import { readDomains } from '../host/read-uses.js';
import { lookAtOne, namesOf, usesOn } from '../host/uses.js';
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
      ...(await userObjections(about, route, target, there, disk.isShareable)),
      ...(await guestObjections(about, route, source, here, disk.isShareable)),
      ...(await elsewhereObjections(about, fleet, route, here, disk.isShareable)),
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

/** Another guest that writes to it would do so from another host than this one. */
async function guestObjections(
  about: string,
  { uuid }: Pick<Route, 'uuid'>,
  drivers: HostDrivers,
  { path }: DeviceFacts,
  isShareable: boolean,
): Promise<Objection[]> {
  const uses = await usesOn(drivers, uuid);
  const writers = uses
    .of(await lookAtOne(drivers, path))
    .filter(({ isWriter }) => isWriter && !isShareable);
  return writers.length === 0
    ? []
    : [
        objection(
          about,
          `is the block device ${path}, which is used by ${namesOf(drivers.host.name, writers)}`,
          'take it from the other guest, or make it <shareable/> in both if that is meant',
        ),
      ];
}

/** A guest of a third host that has the same device, by whatever name. A host that does not answer has it now too. */
async function elsewhereObjections(
  about: string,
  { inventory, dataCentre }: Fleet,
  { uuid, source, target }: Route,
  here: DeviceFacts,
  isShareable: boolean,
): Promise<Objection[]> {
  if (isShareable) return [];
  const hosts = (await inventory.hosts())
    .map(({ host }) => host.name)
    .filter((name) => name !== source && name !== target);
  const asked = hosts.map(async (name): Promise<string[]> => {
    try {
      const drivers = await dataCentre.on(name);
      const domains = await readDomains(drivers, uuid);
      const written = domains.flatMap(({ by, paths }) =>
        paths.flatMap(({ path, isWriter }) => (isWriter ? [{ by, path }] : [])),
      );
      const facts = await drivers.storage.devices.facts(written.map(({ path }) => path));
      return written.flatMap(({ by }, index) => {
        const found = facts[index];
        const isSame = found?.kind === 'device' && compareIds(here.ids, found.ids).is === 'same';
        return isSame ? [`${by} on ${name}`] : [];
      });
    } catch (error) {
      if (!cannotBeAsked(error)) throw error;
      return [];
    }
  });
  const users = [...new Set((await Promise.all(asked)).flat())];
  return users.length === 0
    ? []
    : [
        objection(
          about,
          `is the block device ${here.path}, which is used by ${users.join(', ')}`,
          'take it from the other guest, or make it <shareable/> in both if that is meant',
        ),
      ];
}

/** What else on the target has it. */
async function userObjections(
  about: string,
  { uuid, target }: Pick<Route, 'uuid' | 'target'>,
  drivers: HostDrivers,
  there: DeviceFacts,
  isShareable: boolean,
): Promise<Objection[]> {
  const others = await guestObjections(about, { uuid }, drivers, there, isShareable);
  const { users } = there;
  return users.length === 0
    ? others
    : [
        ...others,
        objection(
          about,
          `is the block device ${there.path}, which ${target} itself uses: ${users.join('; ')}`,
          `end that first (umount, vgchange -an, kpartx -d), or take it out of its volume group`,
        ),
      ];
}
