/** Who else has a block device: guests of any host, and what the target itself does with it. */
import { compareIds } from '../../model/device.js';
import type { VmUuid } from '../../model/ids.js';
import { objection, type Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import type { Disk } from '../../model/storage.js';
import type { DeviceFacts } from '../../drivers/interfaces/devices.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Ends } from '../guest/location.js';
import { askHosts, type Fleet } from '../host/elsewhere.js';
import { readDomains } from '../host/read-uses.js';
import { lookAtOne, namesOf, usesOn } from '../host/uses.js';
import { usedBy } from './used-by.js';

/** As the source and the target see it; other guests may have one that is shareable. */
export async function deviceUsers(
  fleet: Fleet,
  { source, target }: Ends,
  route: Route,
  { device, isShareable }: Disk,
  [here, there]: readonly [DeviceFacts, DeviceFacts],
): Promise<Objection[]> {
  const about = `disk ${device}`;
  const ofHost = hostObjections(about, route, there);
  if (isShareable) return ofHost;
  return [
    ...usedBy(about, nameOf(there), await guestsOf(target, route.uuid, there)),
    ...ofHost,
    ...usedBy(about, nameOf(here), await guestsOf(source, route.uuid, here)),
    ...usedBy(about, nameOf(here), await guestsElsewhere(fleet, route, here)),
  ];
}

/** Of a device of the target’s that is to be written into: nobody else has it, as a guest or as the host itself. */
export async function ofTarget(
  fleet: Fleet,
  { target }: Ends,
  route: Route,
  about: string,
  there: DeviceFacts,
): Promise<Objection[]> {
  const uses = await usesOn(target, route.uuid);
  const users = uses.of(await lookAtOne(target, there.path));
  return [
    ...usedBy(about, nameOf(there), users.length > 0 ? [namesOf(route.target, users)] : []),
    ...hostObjections(about, route, there),
    ...usedBy(about, nameOf(there), await guestsElsewhere(fleet, route, there)),
    ...uses.untold.map((what) =>
      objection(
        about,
        `is to be in ${there.path} on ${route.target}, and ${what}`,
        'fix that domain first',
      ),
    ),
  ];
}

/** Of a device of the source’s that is to be copied: nobody else writes to it. */
export const ofSource = async (
  fleet: Fleet,
  { source }: Pick<Ends, 'source'>,
  route: Route,
  about: string,
  here: DeviceFacts,
): Promise<Objection[]> => [
  ...usedBy(about, nameOf(here), await guestsOf(source, route.uuid, here)),
  ...usedBy(about, nameOf(here), await guestsElsewhere(fleet, route, here)),
];

const nameOf = ({ path }: DeviceFacts): string => `block device ${path}`;

/** Guests of one end that write to it. */
async function guestsOf(
  drivers: HostDrivers,
  uuid: VmUuid,
  { path }: DeviceFacts,
): Promise<string[]> {
  const uses = await usesOn(drivers, uuid);
  const writers = uses.of(await lookAtOne(drivers, path)).filter(({ isWriter }) => isWriter);
  return writers.length > 0 ? [namesOf(drivers.host.name, writers)] : [];
}

/** Guests of third hosts that have the same device, by whatever name. A host that does not answer has it now too. */
async function guestsElsewhere(
  fleet: Fleet,
  { uuid, source, target }: Route,
  here: DeviceFacts,
): Promise<string[]> {
  const hosts = (await fleet.inventory.hosts())
    .map(({ host }) => host.name)
    .filter((name) => name !== source && name !== target);
  const { answers } = await askHosts(fleet, hosts, async (drivers) => {
    const written = (await readDomains(drivers, uuid)).flatMap(({ by, paths }) =>
      paths.flatMap(({ path, isWriter }) => (isWriter ? [{ by, path }] : [])),
    );
    const facts = await drivers.storage.devices.facts(written.map(({ path }) => path));
    return written.flatMap(({ by }, index) => {
      const found = facts[index];
      const isSame = found?.kind === 'device' && compareIds(here.ids, found.ids).is === 'same';
      return isSame ? [`${by} on ${drivers.host.name}`] : [];
    });
  });
  return answers.flat();
}

const hostObjections = (
  about: string,
  { target }: Pick<Route, 'target'>,
  { path, users }: DeviceFacts,
): Objection[] =>
  users.length === 0
    ? []
    : [
        objection(
          about,
          `is the block device ${path}, which ${target} itself uses: ${users.join('; ')}`,
          `end that first (umount, vgchange -an, kpartx -d), or take it out of its volume group`,
        ),
      ];
