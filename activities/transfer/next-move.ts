import type { TransferProgress } from '../../model/progress.js';

/** A stream that has sent nothing for so long is broken, and not only out of libvirt's sight. */
const FLOWING_MS = 3_000;

/** What is known of a transfer from one look to the next. Times in milliseconds since 1970. */
export interface Watch {
  /** libvirt has yet to answer how it ended. If false only the job shows it: a former worker started it, or the connection broke. */
  readonly isAnswerDue: boolean;
  /** The memory is on both hosts, each a part: an abort or a deadline would lose the guest. */
  readonly isSplit: boolean;
  readonly isPauseDue: boolean;
  readonly deadlineMs: number;
  readonly sentBytes: number;
  /** When `sentBytes` changed last. */
  readonly sentAtMs: number;
}

/** One look. */
export interface Seen {
  /** libvirt's answer, if it came: the transfer went well or failed, or goes on without this connection. */
  readonly answer?: 'well' | 'failed' | 'lost' | undefined;
  /** Whether this activity must end: an operator aborted, or its worker shuts down. */
  readonly stop?: 'abort' | 'leave' | undefined;
  readonly job?: TransferProgress | undefined;
  /** A post-copy broke and can go on. Asked only if `mayBeBroken`. */
  readonly isResumable?: boolean;
}

/**
 * `ended`: well. `ask`: there is no transfer any more, and only the hosts can say how it ended. `fail`: libvirt's answer says why.
 * `resume`: go on with a broken post-copy. `pause` and `abort`: its time is over. `steer`: see whether to raise the downtime or switch to post-copy.
 */
export type Move =
  'wait' | 'ended' | 'stop' | 'ask' | 'fail' | 'resume' | 'pause' | 'abort' | 'steer';

/** Whether to ask if a post-copy broke: after a failure, or when no answer is expected. */
export const mayBeBroken = (watch: Watch, { answer }: Seen): boolean =>
  answer === 'failed' || (watch.isSplit && !(watch.isAnswerDue && answer === undefined));

/** The watch after a look. */
export function noted(
  watch: Watch,
  { answer, job, isResumable = false }: Seen,
  nowMs: number,
): Watch {
  const hasSent = job !== undefined && job.processedBytes !== watch.sentBytes;
  return {
    isAnswerDue: watch.isAnswerDue && answer === undefined,
    isSplit: watch.isSplit || isResumable || (job?.isPostCopy ?? false),
    isPauseDue: watch.isPauseDue,
    deadlineMs: watch.deadlineMs,
    sentBytes: job?.processedBytes ?? watch.sentBytes,
    sentAtMs: hasSent ? nowMs : watch.sentAtMs,
  };
}

/** What to do; `watch` already includes what was just seen. */
export function nextMove(watch: Watch, seen: Seen, nowMs: number): Move {
  const { answer, stop, job, isResumable } = seen;
  if (answer === 'well') return 'ended';
  // A worker that shuts down goes at once, and the transfer goes on without it; an abort counts while there is a way back.
  if (stop === 'leave' || (stop === 'abort' && !watch.isSplit)) return 'stop';
  if (isResumable) {
    // Only the target's libvirtd went away and QEMU sends on: to resume is in vain, and libvirt would miss how it ends.
    const isFlowing = job !== undefined && nowMs - watch.sentAtMs < FLOWING_MS;
    return isFlowing ? 'wait' : 'resume';
  }
  if (answer === 'failed') return 'fail';
  if (!job) return watch.isAnswerDue ? 'wait' : 'ask';
  if (watch.isSplit) return 'wait';
  if (nowMs >= watch.deadlineMs) return watch.isPauseDue ? 'pause' : 'abort';
  return 'steer';
}
