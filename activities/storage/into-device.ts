/** A disk that is to be in a block device of the target’s: into which one it goes, and that nothing is on that one, is found out before (safety rule 13). */
import type { DeviceFacts } from '../../drivers/interfaces/devices.js';
import { compareIds, emptied, idsText } from '../../model/device.js';
import { present } from '../../model/defined.js';
import { objection, type Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import { deviceInto, imageOf, onTarget, targetFileOf, type DiskPlan } from '../../model/storage.js';
import type { Ends } from '../guest/location.js';
import type { Fleet } from '../host/elsewhere.js';
import { ofSource, ofTarget } from './device-users.js';
import type { Planned } from './handling.js';

/** Which devices the disk has: `here` only if it is one on the source too. */
export interface Into {
  readonly here?: DeviceFacts | undefined;
  readonly there: DeviceFacts;
}

/** What speaks against writing into it. */
export async function intoObjections(
  fleet: Fleet,
  ends: Ends,
  route: Route,
  plan: DiskPlan,
  { here, there }: Into,
): Promise<Objection[]> {
  const about = `disk ${plan.device}`;
  const wrong = unfit(about, route, plan, there);
  const others =
    wrong.length > 0 ? wrong : await notFree(fleet, ends, route, plan, { here, there });
  return [...others, ...unfitLive(about, route, plan, there)];
}

/** It is somebody's, has something on it, or may be the source's own. */
async function notFree(
  fleet: Fleet,
  ends: Ends,
  route: Route,
  plan: DiskPlan,
  { here, there }: Into,
): Promise<Objection[]> {
  const about = `disk ${plan.device}`;
  const users = await ofTarget(fleet, ends, route, about, there);
  if (users.length > 0) return users;
  if (!(await ends.target.storage.devices.looksEmpty(there.path)))
    return [full(about, route, here, there)];
  const chance = byChance(about, route, plan, there);
  if (chance.length > 0) return chance;
  const isTold = !here || compareIds(here.ids, there.ids).is === 'other';
  // What is full of data here and empty there is not one device.
  if (isTold || !(await ends.source.storage.devices.looksEmpty(here.path))) return [];
  return [untold(about, route, here, there)];
}

/** A kernel gives names as devices come: an empty disk of that name may be anybody's spare. A logical volume's name was given for something. */
const byChance = (
  about: string,
  { target }: Route,
  plan: DiskPlan,
  there: DeviceFacts,
): Objection[] =>
  plan.target !== undefined || there.ids.dm !== undefined
    ? []
    : [
        objection(
          about,
          `would be copied into ${there.path} on ${target}, an empty device that has that name by chance`,
          `if it is meant, say so (--map-storage ${there.path}=${there.path}); a logical volume of that name needs no word`,
        ),
      ];

/** A device with data is never written into: it may be the very same one, or anybody’s. */
function full(
  about: string,
  route: Route,
  here: DeviceFacts | undefined,
  there: DeviceFacts,
): Objection {
  const { target } = route;
  const makeEmpty = emptied(target, there.path);
  if (!here)
    return objection(
      about,
      `is to be in ${there.path} on ${target}, which has data on it`,
      makeEmpty,
    );
  const { is, by = '' } = compareIds(here.ids, there.ids);
  if (is === 'unknown') return untold(about, route, here, there);
  const thereIs = there.path === here.path ? 'that' : there.path;
  return objection(
    about,
    `is the block device ${here.path} (${by}), and ${thereIs} on ${target} is another one (${idsText(there.ids)}): the guest would run on a wrong disk, and to copy its own into it would destroy what is there`,
    `${BY_ID}; or for a copy: ${makeEmpty}`,
  );
}

const untold = (
  about: string,
  { target }: Route,
  here: DeviceFacts,
  there: DeviceFacts,
): Objection =>
  objection(
    about,
    `is the block device ${here.path}, and whether ${there.path === here.path ? 'that' : there.path} on ${target} is the same cannot be told: here it has ${idsText(here.ids)}, there ${idsText(there.ids)}`,
    `give it a name that both hosts see (a WWN or a serial of its target, udevadm info ${here.path}); if it is another one, and for a copy: ${emptied(target, there.path)}`,
  );

/** A disk that is a device on the source, and is to be a file on the target. */
export async function outOf(
  fleet: Fleet,
  { source }: Ends,
  route: Route,
  disk: DiskPlan,
  here: DeviceFacts,
): Promise<Planned> {
  const about = `disk ${disk.device}`;
  const reason = `out of the block device ${here.path} into ${targetFileOf(disk) ?? ''} on ${route.target}`;
  const plan = { ...disk, reason };
  const wrong = unlikeCopy(about, disk, `in ${targetFileOf(disk) ?? ''}`, route);
  return {
    plan,
    objections: [...wrong, ...(await ofSource(fleet, { source }, route, about, here))],
  };
}

/** How a person names a device that both hosts see. */
export const BY_ID = 'name it by /dev/disk/by-id or /dev/mapper, which are the same on every host';

function unfit(about: string, { target }: Route, plan: DiskPlan, there: DeviceFacts): Objection[] {
  const { capacityBytes, holds } = plan.inspection;
  if (there.sizeBytes < capacityBytes)
    return [
      objection(
        about,
        `has ${capacityBytes} bytes, and ${there.path} on ${target} has ${there.sizeBytes} only`,
        `make it as large (lvextend -L ${capacityBytes}b), or name another`,
      ),
    ];
  const unlike = unlikeCopy(about, plan, `in ${there.path}`, { target });
  if (unlike.length > 0) return unlike;
  if (holds.length > 0)
    return [
      objection(
        about,
        `holds ${holds.join(', ')}, which a block device would not have`,
        'map it to a file, or delete what the disk holds',
      ),
    ];
  return [];
}

/** QEMU copies the topmost layer of a running guest's disk, and into a device of the very same size. */
function unfitLive(
  about: string,
  { target }: Route,
  { inspection }: DiskPlan,
  there: DeviceFacts,
): Objection[] {
  const { capacityBytes, backing } = inspection;
  const below = backing.map(({ path }) => path).join(', ');
  const live = { moves: ['live' as const] };
  return present([
    backing.length > 0
      ? objection(
          about,
          `lies over ${below}, and a live copy into ${there.path} would be its own layer alone`,
          'move it cold, which copies all that the guest sees',
          live,
        )
      : undefined,
    there.sizeBytes > capacityBytes
      ? objection(
          about,
          `has ${capacityBytes} bytes, and ${there.path} on ${target} has ${there.sizeBytes}: QEMU copies a running guest’s disk into one of the same size only`,
          `move it cold, or make it of that size (lvcreate -L ${capacityBytes}b)`,
          live,
        )
      : undefined,
  ]);
}

/** What others write to, or nobody may, is no disk that could be copied with the guest. */
const unlikeCopy = (
  about: string,
  { isShareable, isReadOnly }: Pick<DiskPlan, 'isShareable' | 'isReadOnly'>,
  where: string,
  { target }: Pick<Route, 'target'>,
): Objection[] =>
  isShareable || isReadOnly
    ? [
        objection(
          about,
          `is ${isShareable ? 'shareable' : 'read-only'}, and would be another disk ${where} on ${target}`,
          'put it on storage that both hosts see, or detach it first',
        ),
      ]
    : [];

/** Two disks of one guest that would be written into one device, under whatever names. */
export async function sameDevices(
  { target }: Ends,
  disks: readonly DiskPlan[],
): Promise<Objection[]> {
  const into = disks.flatMap((disk) => {
    const path =
      deviceInto(disk) ?? (disk.handling === 'volume' ? imageOf(onTarget(disk)) : undefined);
    return path === undefined ? [] : [{ disk, path }];
  });
  if (into.length < 2) return [];
  const facts = await target.storage.devices.facts(into.map(({ path }) => path));
  return into.flatMap(({ disk, path }, index) => {
    const at = facts[index];
    const twin = into.find(
      (_other, before) => before < index && at && facts[before]?.real === at.real,
    );
    return twin
      ? [
          objection(
            `disk ${disk.device}`,
            `is to be ${path} on ${target.host.name}, which is that of disk ${twin.disk.device} too`,
            'give them two devices (--map-storage)',
          ),
        ]
      : [];
  });
}
