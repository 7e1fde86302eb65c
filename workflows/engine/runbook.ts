/** What every runbook's workflow does around its procedure: check the request, run, and end in one of the known ways. */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
} from '@temporalio/workflow';
import { LiveMigrationRequest } from '../../model/migration.js';
import type { MigrationState } from '../../model/migration.js';
import { runSteps, type Run } from '../kit/runner.js';
import type { AnyStep } from '../kit/step.js';
import { createBoard, type Board } from './board.js';
import { endFailure, failureOf, outcomeOf } from './failure.js';
import { createIndexed } from './search-attributes.js';
import { temporalEngine } from './temporal.js';

/** A runbook as data: for docs, progress and the generic tests. */
export interface Runbook {
  readonly name: string;
  readonly title: string;
  readonly steps: readonly AnyStep[];
}

type Request = LiveMigrationRequest;

/** Runs a runbook's procedure as a workflow. */
export async function runbook<T>(
  { name, steps }: Runbook,
  input: unknown,
  procedure: (run: Run, request: Request, board: Board) => Promise<T>,
): Promise<T> {
  const request = parseRequest(input);
  const board = createBoard(name, steps, { vm: request.vm });
  const indexed = createIndexed();
  // Set with the first step: one write less.
  const first = {
    RequestedBy: request.requestedBy,
    ...(request.project ? { Project: request.project } : {}),
  };
  const engine = temporalEngine(
    board,
    { set: (values) => indexed.set({ ...first, ...values }) },
    (step) => phaseOf(steps, step),
  );
  const end = (state: MigrationState) => {
    board.setState(state);
    setCurrentDetails(board.markdown());
    indexed.set({ MigrationState: state });
  };
  try {
    const outcome = await runSteps(engine, request, (run) => procedure(run, request, board));
    if (outcome.kind === 'done') {
      end('completed');
      return outcome.value;
    }
    const { failure, leftovers, error, hasChanged } = outcome;
    const ending = outcomeOf(failure, hasChanged);
    end(ending);
    throw isCancellation(error) && leftovers.length === 0
      ? error
      : endFailure(failure, ending, leftovers, error);
  } catch (error) {
    throw asWorkflowFailure(error);
  } finally {
    // A cancelled scope would turn the end of a finished move into a cancellation.
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

/** Plain errors in workflow code would hang the run for ever; they become failures. */
function asWorkflowFailure(error: unknown): unknown {
  if (isCancellation(error) || error instanceof ApplicationFailure) return error;
  const { code, message } = failureOf(error);
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: true,
    ...(error instanceof Error ? { cause: error } : {}),
  });
}

function parseRequest(input: unknown): Request {
  const parsed = LiveMigrationRequest.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message = `bad request: ${issue?.path.join('.') || 'the request'}: ${issue?.message ?? 'is not valid'}`;
  const end = {
    outcome: 'refused',
    hint: 'See LiveMigrationRequest in drover/client.',
    leftovers: [],
  };
  throw ApplicationFailure.create({
    type: 'BAD_INPUT',
    message,
    nonRetryable: true,
    details: [end],
  });
}

/** The phase of the whole migration while a step runs: the transfer and the pivot divide it. */
function phaseOf(steps: readonly AnyStep[], step: AnyStep): MigrationState {
  const at = steps.indexOf(step);
  const pivot = steps.findIndex(({ undo }) => typeof undo === 'object' && 'pivot' in undo);
  const firstChange = steps.findIndex(({ undo }, index) => undo !== 'read-only' && index > 4);
  if (at > pivot) return 'finishing';
  if (at >= pivot - 1) return 'transferring';
  return at >= firstChange ? 'preparing' : 'checking';
}
