/** What every runbook's workflow does around its procedure: check the request, run, and end in one of the known ways. */
import { defined } from '../../model/defined.js';
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { z } from 'zod';
import type {
  Decision,
  Hold,
  MigrationReport,
  MigrationState,
  Request as AnyRequest,
} from '../../model/migration.js';
import { inWords } from '../../model/in-words.js';
import { runSteps, type Run } from '../kit/runner.js';
import type { AnyStep } from '../kit/step.js';
import { createBoard, type Board } from './board.js';
import { endFailure, failureOf, outcomeOf } from './failure.js';
import { createIndexed } from './search-attributes.js';
import { temporalEngine } from './temporal.js';

/** A runbook as data: for docs, progress and the generic tests. */
export interface Runbook<Request extends AnyRequest = AnyRequest> {
  readonly name: string;
  readonly title: string;
  readonly request: z.ZodType<Request>;
  /** The steps in their order, by the state that the migration has while they run. */
  readonly phases: Partial<Record<MigrationState, readonly AnyStep[]>>;
}

/** All steps of a runbook in their order. */
export const stepsOf = ({ phases }: Pick<Runbook, 'phases'>): readonly AnyStep[] =>
  Object.values(phases).flat();

/** What a procedure may use besides its steps. */
export interface RunContext {
  readonly board: Board;
  window(hold: Hold, deadlineMs: number | undefined): Promise<Decision | undefined>;
}

/** Runs a runbook's procedure as a workflow. */
export async function runbook<Request extends AnyRequest>(
  definition: Runbook<Request>,
  input: unknown,
  procedure: (run: Run, request: Request, context: RunContext) => Promise<MigrationReport>,
): Promise<MigrationReport> {
  const request = parseRequest(definition, input);
  const { vm, project } = request;
  const board = createBoard(definition.name, stepsOf(definition), { vm, project });
  const indexed = createIndexed();
  // Set with the first step: one write less.
  const first = { RequestedBy: request.requestedBy };
  const { engine, window } = temporalEngine(
    board,
    { set: (values) => indexed.set({ ...first, ...values }) },
    (step) => phaseOf(definition, step),
  );
  const end = (state: MigrationState) => {
    board.setState(state);
    setCurrentDetails(board.markdown());
    indexed.set({ MigrationState: state });
  };
  try {
    const outcome = await runSteps(engine, request, (run) =>
      procedure(run, request, { board, window }),
    );
    if (outcome.kind === 'done') {
      end('completed');
      return outcome.value;
    }
    const { failure, leftovers, error, hasChanged } = outcome;
    if (failure.code === 'REVERTED' && leftovers.length === 0) {
      end('reverted');
      return revertedReport(board, failure.message);
    }
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

/** The operator's own choice is no failure. */
const revertedReport = ({ subject }: Board, why: string): MigrationReport => ({
  outcome: 'reverted',
  vm: subject.vm,
  uuid: subject.uuid ?? '',
  source: subject.source ?? '',
  target: subject.target ?? '',
  targetReason: why,
  disks: [],
});

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

function parseRequest<Request extends AnyRequest>(
  { name, request }: Runbook<Request>,
  input: unknown,
): Request {
  const parsed = request.safeParse(input);
  if (parsed.success) return parsed.data;
  const end = {
    outcome: 'refused',
    hint: `docs/client.md lists what a request of ${name} takes.`,
    leftovers: [],
  };
  throw ApplicationFailure.create({
    type: 'BAD_INPUT',
    message: `bad request: ${inWords(request, input, { names: 'paths' })}`,
    nonRetryable: true,
    details: [end],
  });
}

/** The state of the whole migration while a step runs. */
export function phaseOf({ phases }: Pick<Runbook, 'phases'>, step: AnyStep): MigrationState {
  const found = Object.entries(phases).find(([, steps]) => steps.includes(step));
  return (found?.[0] ?? 'checking') as MigrationState;
}
