/** Block devices of the target’s that disks are written into: taken when they are proved empty, given back empty, or kept. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { deviceInto, deviceLeft, type DiskPlan } from '../../model/storage.js';
import type { Ends } from '../guest/location.js';
import { knownFree } from '../host/free.js';
import type { Fleet } from '../host/elsewhere.js';
import type { StepContext } from '../kit/implement.js';
import { staysFor, usedFor } from './used-for.js';

/** @returns what was taken, in words @throws TARGET_STALE for one with data on it */
export async function takeDevice(
  { target }: Ends,
  disk: DiskPlan,
  { migrationId }: Route,
  { signal, progress }: StepContext,
): Promise<string> {
  const path = deviceInto(disk) as HostPath;
  progress({ reading: path });
  const taken = { path, disk: disk.device, owner: migrationId };
  await target.storage.devices.take(taken, disk.inspection.capacityBytes, signal);
  return `${path} taken`;
}

/** The same for a dry run. */
export const takeLine = (disk: DiskPlan): string =>
  `read all of ${deviceInto(disk) ?? ''}, which must be zeroes, and mark it for ${disk.device}`;

const devicesOf = (disks: readonly DiskPlan[]): HostPath[] =>
  disks.flatMap((disk) => deviceInto(disk) ?? []);

/** Fills with zeroes again what was taken. @returns what stays as it is, with the reason */
export async function giveBackDevices(
  fleet: Fleet,
  target: HostDrivers,
  route: Route,
  disks: readonly DiskPlan[],
): Promise<string[]> {
  const { devices } = target.storage;
  const into = devicesOf(disks);
  const taken = into.length > 0 ? await devices.taken(into, route.migrationId) : [];
  const own = taken.filter(({ isLast }) => !isLast).map(({ path }) => path);
  const usedBy = await usedFor(fleet, target, route, own);
  const used = [...usedBy.keys()];
  await devices.keep(used, route.migrationId);
  const free = knownFree(
    own.filter((path) => !usedBy.has(path)),
    'the others were asked above, and only what this migration has taken is written to',
  );
  const stays = free.length > 0 ? await devices.giveBack(free, route.migrationId) : [];
  return [
    ...staysFor(route, usedBy),
    ...stays.map((line) => `on ${route.target} stays what was written to ${line}`),
  ];
}

/** What was written is the guest’s for good. */
export const keepDevices = (
  { storage }: HostDrivers,
  { migrationId }: Route,
  disks: readonly DiskPlan[],
): Promise<void> => storage.devices.keep(devicesOf(disks), migrationId);

/** drover removes no device: what the guest has left on the source’s stays there, and a person is told. */
export const devicesLeft = ({ name }: Route, disks: readonly DiskPlan[]): string[] =>
  disks.flatMap((disk) => {
    const path = deviceLeft(disk);
    return path === undefined
      ? []
      : [
          `${path}, with what ${disk.device} of ${name} had; if nobody needs it: blkdiscard -z ${path}, or lvremove`,
        ];
  });
