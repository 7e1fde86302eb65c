/** A post-copy whose link broke: the guest's memory is on both hosts, each a part, and only going on brings it together again. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import type { TransferSpec } from '../../drivers/interfaces/hypervisor/transfers.js';
import type { StepContext } from '../kit/implement.js';
import { isLinked } from '../host/link.js';
import { sideAt, type Ends } from '../guest/location.js';

/** libvirt's own attempt takes some seconds while a link is down. */
const RESUME_EVERY_MS = 1000;
/** An attempt that began while the link was down goes on within a minute when it is back: TCP asks again after 1, 2, 4 … 32 s. */
const STILL_MS = 90_000;
const LOOK_EVERY_MS = 3_000;

/** What a watcher sees meanwhile, with the result of the last attempt. */
export const brokenLink = (error: unknown): string =>
  'the link broke after the switch to post-copy; the transfer goes on as soon as the hosts reach each other. Do not end the guest on either host' +
  (error === undefined ? '' : ` (${messageOf(error)})`);

const isBroken = async ({ source }: Ends, { uuid }: Route): Promise<boolean> =>
  (await source.hypervisor.find(uuid))?.reason === 'postcopyFailed';

/** True if it can go on: where the target's part is gone, a person has to decide. */
export async function isResumable({ source, target }: Ends, route: Route): Promise<boolean> {
  if (!(await isBroken({ source, target }, route))) return false;
  // A target that cannot be asked now is one to wait for.
  const there = await sideAt(target, route);
  return there === 'postcopy' || there === 'unknown';
}

/**
 * Waits a moment and asks libvirt once to go on (its postcopy-resume); settles when libvirt says how the transfer ended.
 * @param isStill nothing was sent since the attempt before
 */
export async function resume(
  { source, target }: Ends,
  route: Route,
  spec: TransferSpec,
  isStill: boolean,
  { pause }: Pick<StepContext, 'pause'>,
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

/**
 * Watches a broken post-copy. A thread of QEMU on the target that waits for a page with QEMU's main lock held lets no command
 * through, not even the one that would bring the page (migrate-recover; libvirt 9.0 does not send it out of band). libvirt
 * then refuses to resume, at once or after half a minute, or never answers: what they have in common is that nothing is sent.
 * @throws TRANSFER_STUCK when nothing was sent for long although the hosts reach each other
 */
export function stillness(ends: Ends, route: Route, now: () => number) {
  let seenBytes = -1;
  let sinceMs = 0;
  let lookedMs = 0;
  return async (sentBytes: number): Promise<void> => {
    if (now() - lookedMs < LOOK_EVERY_MS) return;
    lookedMs = now();
    const isMoving = sentBytes !== seenBytes || !(await isLinked(ends));
    if (isMoving) sinceMs = now();
    seenBytes = sentBytes;
    if (now() - sinceMs > STILL_MS && (await isBroken(ends, route))) throw stuck(route);
  };
}

const stuck = ({ name, source, target }: Route): CodedError =>
  new CodedError(
    'TRANSFER_STUCK',
    `the post-copy of ${name} cannot be resumed: ${source} reaches ${target} again, but QEMU there accepts no command`,
    {
      hint: 'Its memory can no longer be brought together. drover show says what you can still do.',
    },
  );
