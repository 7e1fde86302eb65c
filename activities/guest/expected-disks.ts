/** The guest on the target starts from what was moved there, and not from other disks of those names. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { imageOf, isVariables, onTarget, type Disk, type DiskPlan } from '../../model/storage.js';
import { notThere } from './not-there.js';
import { readForMove } from '../vm/read.js';

/** A disk that has an overlay by now still lies over what was moved. @throws GUEST_NOT_ON_TARGET */
export async function requireExpectedDisks(
  target: HostDrivers,
  { uuid, name }: Pick<Route, 'uuid' | 'name'>,
  disks: readonly DiskPlan[],
): Promise<void> {
  const guest = await target.hypervisor.find(uuid);
  if (!guest) return;
  const now = (await readForMove(target, guest, 'cold')).disks;
  for (const disk of disks) {
    const expected = imageOf(onTarget(disk));
    // A medium may be changed, and variables are no disk of the definition's.
    if (!expected || disk.isReadOnly || isVariables(disk)) continue;
    const found = now.find(({ device }) => device === disk.device);
    if (found && (await liesOver(target, found, expected))) continue;
    const instead = found ? (imageOf(found) ?? 'another kind of disk') : 'not there';
    throw notThere(
      `${name} on ${target.host.name} would start without what was moved: ${disk.device} is ${instead}, not ${expected}`,
      {
        hint: `Correct its definition or its storage pool on ${target.host.name} and retry, or roll back.`,
        facts: { device: disk.device },
      },
    );
  }
}

async function liesOver(
  { storage }: HostDrivers,
  disk: Disk,
  expected: HostPath,
): Promise<boolean> {
  const path = imageOf(disk);
  if (path === undefined || path === expected) return path === expected;
  const [chain] = await storage.files.chains([{ path, format: disk.format }]);
  return (chain?.layers ?? []).some((layer) => layer.path === expected);
}
