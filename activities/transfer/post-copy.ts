/** A post-copy whose link broke: the guest's memory is on both hosts, each a part, and only going on brings it together again. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import { pause } from '../../drivers/deadline.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { Route } from '../../model/migration.js';
import type { TransferSpec } from '../../drivers/hypervisor.js';
import { sideAt, type Ends } from '../kit/location.js';

/** libvirt's own attempt takes some seconds while a link is down. */
const RESUME_EVERY_MS = 1000;
/**
 * So often, or for so long, libvirt on the target may say that the transfer still goes on: it hears of the break within a
 * second. Some of its answers come at once, others after half a minute.
 */
const REFUSED_AT_MOST = 15;
const REFUSED_FOR_MS = 45_000;
/** "Being actively monitored by another thread" (virterror.h); the other, "cannot acquire state change lock", is DOMAIN_BUSY. */
const OPERATION_INVALID = 55;

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
 * Tries once, in a moment (libvirt's postcopy-resume); settles when libvirt says how the transfer ended. `isStill`: nothing
 * was sent since the attempt before.
 * @throws TRANSFER_STUCK when libvirt on the target has refused it time and again
 */
export function resuming({ source, target }: Ends, route: Route, spec: TransferSpec) {
  let refusals = 0;
  let sinceMs = Date.now();
  return async (isStill: boolean): Promise<void> => {
    await pause(RESUME_EVERY_MS);
    const isLong = refusals > 0 && Date.now() - sinceMs > REFUSED_FOR_MS;
    if (isLong || refusals > REFUSED_AT_MOST) throw stuck(route);
    if (refusals === 0) sinceMs = Date.now();
    if (isStill && (await isUnaware(target, route))) await target.hypervisor.endStream(route.uuid);
    try {
      await source.hypervisor.resumePostCopy(route.uuid, spec);
    } catch (error) {
      refusals = isStill && isRefusal(error) ? refusals + 1 : 0;
      throw error;
    }
  };
}

const isRefusal = (error: unknown): boolean =>
  error instanceof CodedError &&
  (error.code === 'DOMAIN_BUSY' || error.facts['libvirtCode'] === OPERATION_INVALID);

/**
 * The source's QEMU closes its end of a broken stream, and a link that is down swallows that. The target's then hears of it
 * only when it sends something itself; but a guest whose vCPUs all wait for pages asks for no more, and libvirt there takes
 * the transfer for a running one, which cannot be resumed.
 */
async function isUnaware({ hypervisor }: HostDrivers, { uuid }: Route): Promise<boolean> {
  return (await hypervisor.find(uuid))?.reason === 'postcopy';
}

/**
 * A thread of QEMU that waits for a page with the main lock held lets no command through, not even the one that would
 * bring the page (migrate-recover; libvirt 9.0 does not send it out of band), and libvirt waits for its answer.
 */
const stuck = ({ name, target }: Route): CodedError =>
  new CodedError(
    'TRANSFER_STUCK',
    `the post-copy of ${name} cannot be resumed: libvirt on ${target} goes on waiting for its QEMU, which takes no command`,
    { hint: 'Its memory cannot be brought together any more. See drover show for what is left.' },
  );
