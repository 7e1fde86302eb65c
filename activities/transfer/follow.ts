/** Follows a transfer to its end: reads its state, decides by `nextMove`, acts. */
import type { TransferSpec } from '../../drivers/interfaces/hypervisor/transfers.js';
import { lives } from '../../model/side.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { TransferOptions } from '../../model/migration.js';
import type { TransferProgress } from '../../model/progress.js';
import type { Route } from '../../model/route.js';
import type { StepContext } from '../kit/implement.js';
import { askBoth, type Ends } from '../guest/location.js';
import { abortAndWait, timeOut } from './abort.js';
import { mayBeBroken, nextMove, noted, type Move, type Seen, type Watch } from './next-move.js';
import { brokenLink, isResumable, resume, stillness } from './post-copy.js';
import { steering } from './steer.js';

const POLL_MS = 200;

/** A transfer that is under way. */
export interface Transfer {
  readonly ends: Ends;
  readonly route: Route;
  readonly spec: TransferSpec;
  readonly options: TransferOptions;
  /** How long it may take, in milliseconds. */
  readonly limitMs: number;
  /** A post-copy that a former worker began. */
  readonly isSplit: boolean;
  /** libvirt's answer; missing if a former worker started the transfer. */
  readonly ended: Promise<Settled> | undefined;
}

/** How libvirt says that a transfer ended. */
export type Settled = { readonly error?: unknown };

/** A promise of that. */
export const settled = (work: Promise<void>): Promise<Settled> =>
  work.then(
    () => ({}),
    (error: unknown) => ({ error }),
  );

/** What had been sent when the link of a post-copy broke, and what to say of it. */
interface Broken {
  readonly at: number;
  readonly trouble: string;
}

/** What is known between two looks. */
interface State {
  readonly watch: Watch;
  readonly ended: Promise<Settled> | undefined;
  readonly broken?: Broken | undefined;
}

/** What keeps figures of its own from look to look. */
interface Tools {
  readonly steer: (job: TransferProgress) => Promise<boolean>;
  readonly checkStillness: (sentBytes: number) => Promise<void>;
}

/**
 * Returns when the transfer is over and the guest is not on the source any more.
 * @throws TRANSFER_FAILED, TRANSFER_TIMEOUT, TRANSFER_STUCK; and as a cancelled activity ends
 */
export async function follow(transfer: Transfer, context: StepContext): Promise<void> {
  const { ends, route, options, ended } = transfer;
  const tools: Tools = {
    steer: steering(ends.source.hypervisor, route.uuid, options),
    checkStillness: stillness(ends, route, context.nowMs),
  };
  let state: State | undefined = { watch: begun(transfer, context.nowMs()), ended };
  while (state) state = await once(transfer, state, tools, context);
}

/** One look and what follows from it; nothing when the transfer is over. */
async function once(
  transfer: Transfer,
  { watch: before, ended, broken }: State,
  tools: Tools,
  context: StepContext,
): Promise<State | undefined> {
  const answer = await nextAnswer(ended, context);
  const seen = await look(transfer, before, answer, context);
  const watch = noted(before, seen, context.nowMs());
  if (broken) await tools.checkStillness(watch.sentBytes);
  if (seen.job) context.progress(withTrouble(seen.job, broken));
  const move = nextMove(watch, seen, context.nowMs());
  if (isEnd(move)) return end(transfer, move, answer, context);
  const state = { watch, ended: answer ? undefined : ended, broken };
  return turn(transfer, state, move, { seen, answer }, tools, context);
}

const ENDS = ['ended', 'stop', 'ask', 'fail', 'abort'] as const;
type End = (typeof ENDS)[number];
const isEnd = (move: Move): move is End => (ENDS as readonly Move[]).includes(move);

async function end(
  { ends, route, options }: Transfer,
  move: End,
  answer: Settled | undefined,
  context: StepContext,
): Promise<undefined> {
  switch (move) {
    case 'ended':
      return undefined;
    case 'stop':
      return stop(ends, route, context);
    case 'ask':
      return checkEnd(ends, route);
    case 'fail':
      throw failed(answer?.error, route);
    case 'abort':
      return timeOut(ends.source, route, options, context);
  }
}

async function turn(
  { ends, route, spec, limitMs }: Transfer,
  state: State,
  move: Exclude<Move, End>,
  { seen, answer }: { seen: Seen; answer: Settled | undefined },
  { steer }: Tools,
  context: StepContext,
): Promise<State> {
  const { watch, broken } = state;
  switch (move) {
    case 'wait':
      return state;
    case 'steer': {
      const isSplit = seen.job !== undefined && (await steer(seen.job));
      return isSplit ? { ...state, watch: { ...watch, isSplit } } : state;
    }
    case 'pause':
      // A guest that stands still dirties nothing, so what is left is one more pass; libvirt lets it run on the target.
      await ends.source.hypervisor.suspend(route.uuid);
      return {
        ...state,
        watch: { ...watch, isPauseDue: false, deadlineMs: context.nowMs() + limitMs },
      };
    case 'resume':
      return {
        watch: { ...watch, isAnswerDue: true },
        ended: settled(resume(ends, route, spec, broken?.at === watch.sentBytes, context)),
        broken: { at: watch.sentBytes, trouble: brokenLink(answer?.error) },
      };
  }
}

const begun = ({ ended, isSplit, options, limitMs }: Transfer, nowMs: number): Watch => ({
  isAnswerDue: ended !== undefined,
  isSplit,
  isPauseDue: options.onTimeout === 'pause',
  deadlineMs: nowMs + limitMs,
  sentBytes: 0,
  sentAtMs: nowMs,
});

/** libvirt's answer if it comes before the next look is due. */
async function nextAnswer(
  ended: Promise<Settled> | undefined,
  { pause }: StepContext,
): Promise<Settled | undefined> {
  const tick = pause(POLL_MS).then(() => undefined);
  return ended ? Promise.race([ended, tick]) : tick;
}

/** Reads the state now. After an answer that ends the transfer, or when this activity must stop, the hosts are not asked again. */
async function look(
  { ends, route }: Transfer,
  watch: Watch,
  settledAs: Settled | undefined,
  { signal, isCancelRequested }: StepContext,
): Promise<Seen> {
  const answer = answerOf(settledAs);
  const stop = !signal.aborted ? undefined : isCancelRequested() ? 'abort' : 'leave';
  if (answer === 'well' || stop === 'leave' || (stop && !watch.isSplit)) return { answer, stop };
  const job = await ends.source.hypervisor.job(route.uuid);
  const seen: Seen = { answer, stop, job };
  return mayBeBroken(watch, seen) ? { ...seen, isResumable: await isResumable(ends, route) } : seen;
}

/** A broken connection says nothing about the transfer, which goes on without it. */
function answerOf(ended: Settled | undefined): Seen['answer'] {
  if (!ended) return undefined;
  if (ended.error === undefined) return 'well';
  const { error } = ended;
  return error instanceof CodedError && error.code === 'HOST_UNREACHABLE' ? 'lost' : 'failed';
}

const withTrouble = (job: TransferProgress, broken: Broken | undefined): TransferProgress =>
  job.processedBytes === broken?.at ? { ...job, trouble: broken.trouble } : job;

/** Cancelled by an operator: abort and wait until the job is gone. A worker that shuts down changes nothing. */
async function stop(ends: Ends, route: Route, context: StepContext): Promise<undefined> {
  if (context.isCancelRequested()) await abortAndWait(ends.source, route, context);
  return context.cancelled();
}

/** No job and no answer: the hosts say how it ended. */
async function checkEnd(ends: Ends, route: Route): Promise<undefined> {
  const seen = await askBoth(ends, route);
  if (lives(seen.target) && !lives(seen.source)) return undefined;
  throw new CodedError(
    'TRANSFER_FAILED',
    `the transfer of ${route.name} ended while no worker watched it; the guest is ${seen.source} on ${route.source}`,
    { facts: { ...seen } },
  );
}

const failed = (error: unknown, route: Route): CodedError =>
  new CodedError('TRANSFER_FAILED', `the transfer of ${route.name} failed: ${messageOf(error)}`, {
    hint: `drover asks both hosts next where the guest runs. QEMU’s last words: /var/log/libvirt/qemu/${route.name}.log on ${route.target}.`,
    facts: error instanceof CodedError ? error.facts : {},
    cause: error,
  });
