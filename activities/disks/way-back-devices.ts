/** Block devices that a revert goes back to: nothing of them is set aside, so they are told by parts of their content. */
import { createHash } from 'node:crypto';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Arrived } from '../../model/arrived.js';
import type { HostPath } from '../../model/ids.js';
import { deviceLeft, type DiskPlan } from '../../model/storage.js';
import { copiedOf, type Copies } from './orders.js';

/** The copied devices of the source as they are now. */
export async function devicesSeen({ storage }: HostDrivers, input: Copies): Promise<Arrived[]> {
  const seen: Arrived[] = [];
  for (const disk of copiedOf(input)) {
    const path = deviceLeft(disk);
    if (path) seen.push({ path, inode: '', sha256: await digestOf(storage.devices, path) });
  }
  return seen;
}

async function digestOf(
  devices: HostDrivers['storage']['devices'],
  path: HostPath,
): Promise<string> {
  const samples = await devices.samples(path);
  return createHash('sha256').update(samples.join('\n')).digest('hex');
}

/** What is wrong with a device of the source’s by now; `undefined` for one that is as it was. */
export async function deviceLoss(
  { storage: { devices } }: HostDrivers,
  disk: DiskPlan,
  left: readonly Arrived[],
): Promise<string | undefined> {
  const path = deviceLeft(disk);
  if (path === undefined) return undefined;
  const [facts] = await devices.facts([path]);
  if (facts?.kind !== 'device') return `is not there any more (${path})`;
  const then = left.find((one) => one.path === path)?.sha256;
  return then !== undefined && (await digestOf(devices, path)) !== then
    ? `was changed, or is another device, since it was copied (${path})`
    : undefined;
}
