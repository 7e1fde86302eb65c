/** `transfer.run`: starts the transfer or finds a running one, follows it, and aborts only what an operator cancelled. */
import { pause } from '../../drivers/deadline.js';
import type { Confidential } from '../../drivers/confidential.js';
import type { HostDrivers } from '../../drivers/data-centre.js';
import type { TransferSpec } from '../../drivers/hypervisor.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { Route, TransferOptions, TransferProgress } from '../../model/migration.js';
import { bytesToCopy, NVRAM, type DiskPlan } from '../../model/storage.js';
import { transfer } from '../../workflows/steps/transfer.js';
import { renderedOf } from '../definition/rendering.js';
import { endsOf, implement, type StepContext } from '../kit/implement.js';
import { lives } from '../../model/arbiter.js';
import { askBoth, type Ends } from '../kit/location.js';
import { activateAtSwitchover } from './activate.js';
import { brokenLink, isResumable, resume, stillness } from './post-copy.js';
import { firstDowntimeMs, steering } from './steer.js';

const POLL_MS = 200;
const GONE_MS = 30_000;
/** A stream that has sent nothing for so long is broken, and not only out of libvirt's sight. */
const FLOWING_MS = 3_000;
/** migration/options.c, QEMU 7.2: libvirt keeps what a transfer was told for the next one. */
const QEMU_DEFAULT_DOWNTIME_MS = 300;
/** Nova's completion timeout: generous for slow links, and scaled by what is to be sent. */
const SECONDS_PER_GIB = 800;
const LEAST_SECONDS = 600;

const NOTHING_SENT: TransferProgress = {
  ...{
    elapsedMs: 0,
    totalBytes: 0,
    processedBytes: 0,
    remainingBytes: 0,
    diskTotalBytes: 0,
    diskProcessedBytes: 0,
  },
  ...{ dirtyBytesPerSec: 0, bytesPerSec: 0, iteration: 0, downtimeMs: 0, isPostCopy: false },
};

/** F6 F7 L4. */
export const transferActivity = implement(transfer, (deps) => ({
  async run(input, context) {
    const { route, options } = input;
    const ends = await endsOf(deps, route);
    const { hypervisor } = ends.source;
    const limitMs = limitOf(options, input.memoryBytes + bytesToCopy(input.disks));
    const running = await hypervisor.job(route.uuid);
    const seen = await askBoth(ends, route);
    const isSplit = seen.source === 'postcopy';
    const isUnderWay = running !== undefined || isSplit;
    if (!isUnderWay) {
      // A former attempt ended well and its reply was lost.
      if (!lives(seen.source) && lives(seen.target)) return resultOf(ends, route);
      if (!lives(seen.source) || lives(seen.target)) throw notStartable(route, seen);
    }
    const liveXml = await renderedOf(ends, input, 'live');
    const stopListening = await activateAtSwitchover(ends, route.uuid, input.ports);
    try {
      const spec = specOf(input, ends, liveXml);
      await follow({
        ...{ ends, route, spec, options, limitMs, context, isSplit },
        steer: steering(hypervisor, route.uuid, options),
        checkStillness: stillness(ends, route),
        ended: isUnderWay ? undefined : settled(hypervisor.startTransfer(route.uuid, spec)),
        isPauseDue: options.onTimeout === 'pause',
        deadline: Date.now() + limitMs,
        ...{ sentBytes: 0, sentAtMs: Date.now() },
      });
    } finally {
      await stopListening();
    }
    return resultOf(ends, route);
  },

  async undo({ route }) {
    const { source, target } = await endsOf(deps, route);
    await source.hypervisor.abortJob(route.uuid);
    for (const deadline = Date.now() + GONE_MS; Date.now() < deadline; await pause(POLL_MS)) {
      const [job, seen] = await Promise.all([
        source.hypervisor.job(route.uuid),
        askBoth({ source, target }, route),
      ]);
      if (job || lives(seen.target)) continue;
      // Paused by libvirt for a switchover that did not come about.
      if (seen.source === 'migrating') await source.hypervisor.resume(route.uuid);
      if (lives(seen.source))
        await source.hypervisor.setMaxDowntime(route.uuid, QEMU_DEFAULT_DOWNTIME_MS);
      return;
    }
    const seen = await askBoth({ source, target }, route);
    const isOnTarget = lives(seen.target);
    throw new CodedError(
      isOnTarget ? 'GUEST_ON_TARGET' : 'UNDO_UNVERIFIED',
      `the transfer of ${route.name} is not gone: ${seen.source} on ${route.source}, ${seen.target} on ${route.target}`,
      {
        hint: 'Look at both hosts before you decide; nothing was removed.',
        facts: { ...seen },
      },
    );
  },
}));

interface Following {
  readonly ends: Ends;
  readonly route: Route;
  readonly spec: TransferSpec;
  readonly options: TransferOptions;
  /** How long the transfer may take, in milliseconds. */
  readonly limitMs: number;
  readonly context: StepContext;
  readonly steer: (job: TransferProgress) => Promise<boolean>;
  readonly checkStillness: (sentBytes: number) => Promise<void>;
  /** libvirt's answer; missing if a former attempt started the transfer, or the connection was lost. */
  ended: Promise<Settled> | undefined;
  /** Once the memory is on both hosts there is no way back: an abort or a deadline would lose the guest. */
  isSplit: boolean;
  isPauseDue: boolean;
  deadline: number;
  sentBytes: number;
  /** When that changed last, in milliseconds since 1970. */
  sentAtMs: number;
  /** What had been sent when the link broke, and what to say of it. */
  broken?: { readonly at: number; readonly trouble: string };
}
type Settled = { readonly error?: unknown };
type Job = TransferProgress | undefined;

/** Returns when the transfer is over and the guest is not on the source any more; throws else. */
async function follow(at: Following): Promise<void> {
  const { ends, route, context } = at;
  for (;;) {
    const tick = pause(POLL_MS).then(() => undefined);
    const answer = await (at.ended ? Promise.race([at.ended, tick]) : tick);
    if (answer && answer.error === undefined) return;
    if (mustStop(context, at.isSplit)) return stop(ends.source, route, context);
    const job = await ends.source.hypervisor.job(route.uuid);
    await hear(at, answer, job);
    if (!(await look(at, job))) return checkEnd(ends, route);
    if (!at.isSplit && Date.now() >= at.deadline) await meetLimit(at);
  }
}

/** An answer that is no success: the transfer failed, or goes on without this connection, or is a post-copy to be resumed. */
async function hear(at: Following, answer: Settled | undefined, job: Job): Promise<void> {
  const { ends, route } = at;
  const isFailed = answer !== undefined && !isReplyLost(answer);
  if (answer) at.ended = undefined;
  if ((isFailed || (at.isSplit && !at.ended)) && (await isResumable(ends, route))) {
    at.isSplit = true;
    if (job && isFlowing(at)) return;
    const isStill = at.broken?.at === at.sentBytes;
    at.broken = { at: at.sentBytes, trouble: brokenLink(answer?.error) };
    at.ended = settled(resume(ends, route, at.spec, isStill));
  } else if (isFailed) throw failed(answer, route);
}

/** The target's libvirtd went away, and QEMU sends on: to resume now is in vain, and libvirt would miss how the transfer ends. */
const isFlowing = ({ sentAtMs }: Following): boolean => Date.now() - sentAtMs < FLOWING_MS;

/** Notes the figures and turns what is due; false if there is no transfer any more, and nobody who could say how it ended. */
async function look(at: Following, job: Job): Promise<boolean> {
  if (at.broken) await at.checkStillness(at.sentBytes);
  if (!job) return at.ended !== undefined;
  if (job.processedBytes !== at.sentBytes) at.sentAtMs = Date.now();
  at.sentBytes = job.processedBytes;
  const { broken } = at;
  at.context.progress(
    job.processedBytes === broken?.at ? { ...job, trouble: broken.trouble } : job,
  );
  at.isSplit ||= job.isPostCopy || (await at.steer(job));
  return true;
}

/** The limit: the end, or a pause. A guest that stands still dirties nothing, so what is left is one more pass; libvirt lets it run on the target. */
async function meetLimit(at: Following): Promise<void> {
  if (!at.isPauseDue) return timeOut(at.ends.source, at.route, at.options);
  at.isPauseDue = false;
  at.deadline = Date.now() + at.limitMs;
  await at.ends.source.hypervisor.suspend(at.route.uuid);
}

/** A worker that leaves goes at once, and the transfer goes on without it; an operator's abort counts while there is a way back. */
const mustStop = ({ signal, isCancelRequested }: StepContext, isSplit: boolean): boolean =>
  signal.aborted && !(isSplit && isCancelRequested());

const settled = (work: Promise<void>): Promise<Settled> =>
  work.then(
    () => ({}),
    (error: unknown) => ({ error }),
  );

/** The connection broke: the transfer goes on without it, and is followed by its job. */
const isReplyLost = ({ error }: Settled): boolean =>
  error instanceof CodedError && error.code === 'HOST_UNREACHABLE';

const failed = ({ error }: Settled, route: Route): CodedError =>
  new CodedError('TRANSFER_FAILED', `the transfer of ${route.name} failed: ${messageOf(error)}`, {
    hint: 'Where the guest runs is asked of both hosts next.',
    facts: error instanceof CodedError ? error.facts : {},
    cause: error,
  });

/** No job and no answer: the hosts say how it ended. */
async function checkEnd(ends: Ends, route: Route): Promise<void> {
  const seen = await askBoth(ends, route);
  if (lives(seen.target) && !lives(seen.source)) return;
  throw new CodedError(
    'TRANSFER_FAILED',
    `the transfer of ${route.name} ended while nobody watched; it is ${seen.source} on ${route.source}`,
    {
      facts: { ...seen },
    },
  );
}

/** Cancelled by an operator: abort and wait until the job is gone. A worker that leaves changes nothing. */
async function stop(source: HostDrivers, route: Route, context: StepContext): Promise<void> {
  if (context.isCancelRequested()) await abortAndWait(source, route);
  await context.cancelled();
}

async function abortAndWait({ hypervisor }: HostDrivers, route: Route): Promise<void> {
  await hypervisor.abortJob(route.uuid);
  for (const limit = Date.now() + GONE_MS; Date.now() < limit; await pause(POLL_MS)) {
    if (!(await hypervisor.job(route.uuid))) return;
  }
}

async function timeOut(
  source: HostDrivers,
  route: Route,
  options: TransferOptions,
): Promise<never> {
  await abortAndWait(source, route);
  throw new CodedError(
    'TRANSFER_TIMEOUT',
    `the transfer of ${route.name} did not end in time and was aborted`,
    {
      hint: options.isPostCopyAllowed
        ? 'See what the guest writes, or raise --timeout.'
        : 'Try --auto-converge, --post-copy or --on-timeout pause, or raise --timeout.',
    },
  );
}

const limitOf = (options: TransferOptions, bytes: number): number =>
  (options.timeoutSeconds ??
    Math.max(LEAST_SECONDS, Math.ceil((bytes / 1024 ** 3) * SECONDS_PER_GIB))) * 1000;

/** The figures of the transfer that ended; a host that has forgotten them is no failure. */
const resultOf = async ({ source }: Ends, route: Route): Promise<TransferProgress> =>
  (await source.hypervisor.completedJob(route.uuid)) ?? NOTHING_SENT;

/** How libvirt is asked. Exported for the dry run, which shows exactly this. */
export function specOf(
  { disks, options }: { disks: readonly DiskPlan[]; options: TransferOptions },
  { target }: { target: HostDrivers },
  liveXml: Confidential,
): TransferSpec {
  const { migrationAddress, libvirtUri } = target.host;
  const { bandwidthMibPerSec, ...rest } = options;
  const { isPostCopyAllowed, isAutoConverge, isEncrypted, parallelConnections } = rest;
  return {
    ...{
      targetUri: libvirtUri,
      liveXml,
      isPostCopyAllowed,
      isAutoConverge,
      isEncrypted,
      parallelConnections,
      maxDowntimeMs: firstDowntimeMs(options),
    },
    ...(migrationAddress ? { migrationAddress } : {}),
    ...(bandwidthMibPerSec ? { bandwidthMibPerSec } : {}),
    // Firmware variables are no disk to libvirt: QEMU carries them with the memory.
    copiedDevices: disks
      .filter(({ handling, device }) => handling === 'copy' && device !== NVRAM)
      .map(({ device }) => device),
    // libvirt trusts only network filesystems that it knows; the probe is better proof.
    isSharingProved: disks.some(({ handling }) => handling === 'shared'),
  };
}

const notStartable = (route: Route, seen: { source: string; target: string }): CodedError =>
  new CodedError(
    seen.target === 'absent' ? 'GUEST_NOT_RUNNING' : 'TRANSFER_FAILED',
    `${route.name} is ${seen.source} on ${route.source} and ${seen.target} on ${route.target}: no transfer can start`,
    { facts: { ...seen } },
  );
