/** A post-copy whose link broke: the guest's memory is on both hosts, each a part, and only going on brings it together again. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import { pause } from '../../drivers/deadline.js';
import { messageOf } from '../../model/errors.js';
import type { Route } from '../../model/migration.js';
import type { TransferSpec } from '../../drivers/hypervisor.js';
import { sideAt, type Ends } from '../kit/location.js';

/** libvirt's own attempt takes some seconds while a link is down. */
const RESUME_EVERY_MS = 1000;

/** What a watcher is told meanwhile, with what the last attempt came to. */
export const brokenLink = (error: unknown): string =>
  'the link broke after the switch to post-copy; the transfer goes on as soon as the hosts reach each other. Do not end the guest on either' +
  (error === undefined ? '' : ` (${messageOf(error)})`);

/** True if it can go on: where the target's part is gone, a person has to decide. */
export async function isResumable({ source, target }: Ends, route: Route): Promise<boolean> {
  const here = await source.hypervisor.find(route.uuid);
  if (here?.reason !== 'postcopyFailed') return false;
  // A target that cannot be asked now is one to wait for.
  const there = await sideAt(target, route);
  return there === 'postcopy' || there === 'unknown';
}

/**
 * Tries once, in a moment (libvirt's postcopy-resume); settles when libvirt says how the transfer ended.
 * @param isStill nothing was sent since the attempt before
 */
export async function resume(
  { source, target }: Ends,
  route: Route,
  spec: TransferSpec,
  isStill: boolean,
): Promise<void> {
  await pause(RESUME_EVERY_MS);
  if (isStill) await tellTarget(target, route);
  await source.hypervisor.resumePostCopy(route.uuid, spec);
}

/**
 * The source's QEMU closes its end of a broken stream, and a link that is down swallows that. The target's then hears of it
 * only when it sends something itself; but a guest whose vCPUs all wait for pages asks for no more, and libvirt there takes
 * the transfer for a running one, which cannot be resumed.
 */
async function tellTarget({ hypervisor }: HostDrivers, { uuid }: Route): Promise<void> {
  const there = await hypervisor.find(uuid);
  if (there?.reason === 'postcopy') await hypervisor.endStream(uuid);
}
