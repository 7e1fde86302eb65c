/** Ending a transfer, and making sure that it is gone. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { lives } from '../../model/side.js';
import { CodedError } from '../../model/errors.js';
import type { TransferOptions } from '../../model/migration.js';
import type { Route } from '../../model/route.js';
import type { StepContext } from '../kit/implement.js';
import { askBoth, type Ends } from '../guest/location.js';
import { until } from '../kit/until.js';

const GONE = { everyMs: 200, forMs: 30_000 };
/** migration/options.c, QEMU 7.2: libvirt keeps the parameters of a transfer for the next one. */
const QEMU_DEFAULT_DOWNTIME_MS = 300;

/** Ends a transfer, and returns when its job is gone, or has not gone in time. */
export async function abortAndWait(
  { hypervisor }: HostDrivers,
  { uuid }: Route,
  context: StepContext,
): Promise<void> {
  await hypervisor.abortJob(uuid);
  await until(context, GONE, async () => !(await hypervisor.job(uuid)) || undefined);
}

/**
 * Ends a transfer for good: the guest is the source's, and runs if it did.
 * @throws GUEST_ON_TARGET, UNDO_UNVERIFIED
 */
export async function takeBack(ends: Ends, route: Route, context: StepContext): Promise<void> {
  const { hypervisor } = ends.source;
  await hypervisor.abortJob(route.uuid);
  const gone = await until(context, GONE, async () => {
    const [job, seen] = await Promise.all([hypervisor.job(route.uuid), askBoth(ends, route)]);
    return job || lives(seen.target) ? undefined : seen;
  });
  if (!gone) throw await notGone(ends, route);
  // Paused by libvirt for a switchover that did not come about.
  if (gone.source === 'migrating') await hypervisor.resume(route.uuid);
  if (lives(gone.source)) await hypervisor.setMaxDowntime(route.uuid, QEMU_DEFAULT_DOWNTIME_MS);
}

async function notGone(ends: Ends, route: Route): Promise<CodedError> {
  const seen = await askBoth(ends, route);
  return new CodedError(
    lives(seen.target) ? 'GUEST_ON_TARGET' : 'UNDO_UNVERIFIED',
    `the transfer of ${route.name} is not gone: ${seen.source} on ${route.source}, ${seen.target} on ${route.target}`,
    {
      hint: 'Check both hosts before you decide; nothing was removed.',
      facts: { ...seen },
    },
  );
}

/** Ends a transfer that took too long. @throws TRANSFER_TIMEOUT */
export async function timeOut(
  source: HostDrivers,
  route: Route,
  options: TransferOptions,
  context: StepContext,
): Promise<never> {
  await abortAndWait(source, route, context);
  throw new CodedError(
    'TRANSFER_TIMEOUT',
    `the transfer of ${route.name} did not end in time and was aborted`,
    {
      hint: options.isPostCopyAllowed
        ? 'Find out what the guest writes, or raise --timeout.'
        : 'Try --auto-converge, --post-copy or --on-timeout pause, or raise --timeout.',
    },
  );
}
