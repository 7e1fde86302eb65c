/** What every runbook's workflow does around its procedure: check the request, run, and end in one of the known ways. */
import { defined } from '../../model/defined.js';
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { z } from 'zod';
import type { Decision, Hold } from '../../model/progress.js';
import { runSteps, type Outcome, type Run } from '../kit/runner.js';
import type { AnyStep } from '../kit/step.js';
import { createBoard, type Board, type Subject } from './board.js';
import { endFailure, failureOf, outcomeOf } from './failure.js';
import { createIndexed } from './search-attributes.js';
import { temporalEngine } from './temporal.js';
import { parseRequest, type RunRequest } from './request.js';

/** A runbook as data: for docs, progress, other runbooks and the generic tests. */
export interface Runbook<Request extends RunRequest = RunRequest, Report = unknown> {
  /** The workflow's type. */
  readonly name: string;
  readonly title: string;
  readonly request: z.ZodType<Request>;
  readonly report: z.ZodType<Report>;
  /** The steps in their order, by the state that the run has while they run. */
  readonly phases: Readonly<Record<string, readonly AnyStep[]>>;
  /** Steps that this request does not ask for: they are no part of its run's progress. */
  without?(request: Request): readonly AnyStep[];
  /** What the run is about, as far as its request says. */
  subject(request: Request): Subject;
  /** What a run returns that its operator took back. Without it a revert is a failure. */
  onReverted?(subject: Subject, why: string, kept: readonly string[]): Report;
}

/** All steps of a runbook in their order. */
export const stepsOf = ({ phases }: Pick<Runbook, 'phases'>): readonly AnyStep[] =>
  Object.values(phases).flat();

/** What a procedure may use besides its steps. */
export interface RunContext {
  readonly board: Board;
  /** The workflow's id, for the ids of the runs that it starts. */
  readonly id: string;
  window(hold: Hold, deadlineMs: number | undefined): Promise<Decision | undefined>;
}

/** Runs a runbook's procedure as a workflow. */
export async function runbook<Request extends RunRequest, Report>(
  definition: Runbook<Request, Report>,
  input: unknown,
  procedure: (run: Run, request: Request, context: RunContext) => Promise<Report>,
): Promise<Report> {
  const request = parseRequest(definition, input);
  const { requestedBy, onFailure = 'rollback' } = request;
  const left = definition.without?.(request) ?? [];
  const steps = stepsOf(definition).filter((step) => !left.includes(step));
  const board = createBoard(definition.name, steps, definition.subject(request));
  const indexed = createIndexed();
  // Set with the first step: one write less.
  const first = { RequestedBy: requestedBy };
  const { engine, window } = temporalEngine(
    board,
    { set: (values) => indexed.set({ ...first, ...values }) },
    (step) => phaseOf(definition, step),
  );
  const end = (state: string) => {
    board.setState(state);
    setCurrentDetails(board.markdown());
    indexed.set({ MigrationState: state });
  };
  try {
    const outcome = await runSteps(engine, { onFailure }, (run) =>
      procedure(run, request, { board, window, id: workflowInfo().workflowId }),
    );
    return endOf(definition, board, outcome, end);
  } catch (error) {
    throw asWorkflowFailure(error);
  } finally {
    // A cancelled scope would turn the end of a finished move into a cancellation.
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

/** What the run returns, or how it fails. */
function endOf<Request extends RunRequest, Report>(
  { onReverted }: Runbook<Request, Report>,
  { subject }: Board,
  outcome: Outcome<Report>,
  end: (state: string) => void,
): Report {
  if (outcome.kind === 'done') {
    end('completed');
    return outcome.value;
  }
  const { failure, leftovers, kept, error, hasChanged } = outcome;
  if (failure.code === 'REVERTED' && leftovers.length === 0 && onReverted) {
    // The operator's own choice is no failure.
    end('reverted');
    return onReverted(subject, failure.message, kept);
  }
  const ending = outcomeOf(failure, hasChanged);
  end(ending);
  const left = [...leftovers, ...kept];
  throw isCancellation(error) && left.length === 0
    ? error
    : endFailure(failure, ending, left, error);
}

/** Plain errors in workflow code would hang the run for ever; they become failures. */
function asWorkflowFailure(error: unknown): unknown {
  if (isCancellation(error) || error instanceof ApplicationFailure) return error;
  const { code, message } = failureOf(error);
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: true,
    ...defined({ cause: error instanceof Error ? error : undefined }),
  });
}

/** The state of the whole run while a step runs. */
export function phaseOf({ phases }: Pick<Runbook, 'phases'>, step: AnyStep): string {
  const found = Object.entries(phases).find(([, steps]) => steps.includes(step));
  return found?.[0] ?? 'checking';
}
