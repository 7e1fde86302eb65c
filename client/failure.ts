/** How a migration ended that did not succeed, for callers. */
import {
  ApplicationFailure,
  CancelledFailure,
  ServiceError,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { CodedError, isErrorCode, messageOf, type Facts } from '../model/errors.js';
import type { Judged } from './judged.js';

/** `refused`: nothing was touched. `rolled-back`, `cancelled`: everything was undone, except for the leftovers. */
export type Ending = 'refused' | 'rolled-back' | 'cancelled' | 'failed';

/** A migration's failure. */
export class MigrationError extends CodedError {
  readonly outcome: Ending;
  /** Undos that an operator skipped: what is still there, and why. */
  readonly leftovers: readonly string[];
  /** Of a refusal, what speaks for and against moving live, and moving cold; nothing if only one of them was looked at. */
  readonly judged: readonly Judged[];
  constructor(
    error: CodedError,
    outcome: Ending,
    leftovers: readonly string[],
    judged: readonly Judged[] = [],
  ) {
    super(error.code, error.message, { hint: error.hint, facts: error.facts, cause: error.cause });
    this.name = 'MigrationError';
    this.outcome = outcome;
    this.leftovers = leftovers;
    this.judged = judged;
  }
}

/** What was asked of a run that goes on. @throws CodedError with the run's own code and words if it does not take it */
export const taken = async <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((error: unknown) => {
    if (error instanceof ServiceError) throw stuck(error);
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const { cause } = error;
    const type = cause instanceof ApplicationFailure ? (cause.type ?? '') : '';
    throw new CodedError(isErrorCode(type) ? type : 'BAD_INPUT', messageOf(cause ?? error), {
      hint: 'drover show VM says what it waits for.',
      cause: error,
    });
  });

const stuck = (cause: ServiceError): CodedError =>
  new CodedError('RUN_STUCK', `the run does not take it: ${messageOf(cause.cause ?? cause)}`, {
    hint: 'See that drover up (or drover worker) runs. If it does, somebody has reset the run, or it is of another release: look at its failed workflow task in the Web UI, terminate it there, and let drover audit --repair remove what it has left.',
    cause,
  });

/** A report says of which run it is. Where nothing is sealed, and of runs of a release before 0.3, it need not. */
const needsRun = (codec: PayloadCodec | undefined): boolean =>
  codec !== undefined && !('ofOthers' in codec && codec.ofOthers === 'take');

/**
 * Whoever reaches Temporal can end a run, and copy what another one has returned, or what this one was asked for.
 * @throws NOT_AUTHORISED for what is not the report of this run
 */
export function refuseOthers(
  report: unknown,
  expected: string,
  codec: PayloadCodec | undefined,
): void {
  const runId =
    typeof report === 'object' && report && 'runId' in report ? report.runId : undefined;
  if (runId === expected || (runId === undefined && !needsRun(codec))) return;
  const what = typeof runId === 'string' ? `the report of another one (${runId})` : 'no report';
  throw new CodedError(
    'NOT_AUTHORISED',
    `what this run has returned is ${what}: somebody without drover's key has ended it`,
    {
      hint: 'Nothing is known of its end. Run drover audit, and see who reaches Temporal (docs/threats.md).',
    },
  );
}

/** Reads Temporal's failure. */
export function toMigrationError(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const { cause } = error;
  if (cause instanceof CancelledFailure) {
    const coded = new CodedError(
      'TRANSFER_ABORTED',
      'the migration was aborted; the guest stays on the source',
      { cause: error },
    );
    return new MigrationError(coded, 'cancelled', []);
  }
  if (cause instanceof TerminatedFailure) return endedFromOutside('terminated', error);
  if (cause instanceof TimeoutFailure) return endedFromOutside('ended by its time limit', error);
  if (!(cause instanceof ApplicationFailure))
    return new MigrationError(bug(messageOf(cause ?? error), error), 'failed', []);
  return ofRun(cause, error);
}

/** What the run itself says of its end. */
function ofRun(failure: ApplicationFailure, cause: unknown): MigrationError {
  const { details, type, message } = failure;
  const [end] = (details ?? []) as [{ outcome?: Ending; hint?: string; leftovers?: string[] }?];
  const code = isErrorCode(type ?? '') ? (type as CodedError['code']) : 'BUG';
  const facts = factsOf(failure);
  const coded = new CodedError(code, message, { hint: end?.hint ?? '', facts, cause });
  return new MigrationError(coded, end?.outcome ?? 'failed', end?.leftovers ?? []);
}

/** The facts of the step that failed: it is what caused the run's end. */
function factsOf(failure: ApplicationFailure): Facts {
  for (let cause = failure.cause; cause instanceof Error;) {
    const [detail] = (cause instanceof ApplicationFailure ? (cause.details ?? []) : []) as [
      { facts?: Facts }?,
    ];
    if (detail?.facts) return detail.facts;
    cause = cause.cause instanceof Error ? cause.cause : undefined;
  }
  return {};
}

function endedFromOutside(how: string, cause: unknown): MigrationError {
  const hint =
    'drover audit says what is left on the hosts; drover audit --repair removes it, and puts back what it can.';
  const why = `the run was ${how}: nothing of it was taken back`;
  return new MigrationError(new CodedError('RUN_TERMINATED', why, { hint, cause }), 'failed', []);
}

const bug = (message: string, cause: unknown): CodedError =>
  new CodedError('BUG', message, { cause });
