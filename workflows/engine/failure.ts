/** Reads drover's failure out of what Temporal throws, and makes the failures that workflows throw. */
import { defined } from '../../model/defined.js';
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import { CodedError, isErrorCode, messageOf, traitsOf } from '../../model/errors.js';
import type { Failure } from '../kit/runner.js';

/** Finds code, message and hint in an activity's failure. Whatever is not drover's is BUG. */
export function failureOf(error: unknown): Failure {
  if (isCancellation(error)) {
    return {
      code: 'TRANSFER_ABORTED',
      message: 'cancelled on request',
      hint: '',
      isCancellation: true,
    };
  }
  if (error instanceof CodedError)
    return { code: error.code, message: error.message, hint: error.hint, isCancellation: false };
  const isOuter = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  const inner = isOuter ? error.cause : error;
  if (error instanceof ActivityFailure && inner instanceof TimeoutFailure)
    return {
      code: 'STEP_TIMEOUT',
      message: `${error.activityType} did not end within its time limit`,
      hint: 'A host that this step needs does not answer. drover show says what the step does.',
      isCancellation: false,
    };
  if (inner instanceof ApplicationFailure && isErrorCode(inner.type ?? '')) {
    const [detail] = (inner.details ?? []) as [{ hint?: string }?];
    return {
      code: inner.type as Failure['code'],
      message: inner.message,
      hint: detail?.hint ?? '',
      isCancellation: false,
    };
  }
  return {
    code: 'BUG',
    message: messageOf(inner),
    hint: 'This is a bug in drover. Please report it with the workflow’s history.',
    isCancellation: false,
  };
}

/** What a failed migration's failure carries in its details. */
export interface EndOfRun {
  readonly outcome: 'refused' | 'rolled-back' | 'failed';
  readonly hint: string;
  readonly leftovers: readonly string[];
}

/** How a run that was rolled back ended: a refusal changed nothing, or only reserved what it then released. */
export const outcomeOf = (failure: Failure, hasChanged: boolean): 'refused' | 'rolled-back' =>
  traitsOf(failure.code).isRefusal || !hasChanged ? 'refused' : 'rolled-back';

/** The failure that ends a run. */
export function endFailure(
  failure: Failure,
  outcome: EndOfRun['outcome'],
  leftovers: readonly string[],
  cause: unknown,
): ApplicationFailure {
  const end: EndOfRun = { outcome, hint: failure.hint, leftovers };
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    nonRetryable: true,
    details: [end],
    ...defined({ cause: cause instanceof Error ? cause : undefined }),
  });
}
