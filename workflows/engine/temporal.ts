/** Temporal behind the runner: activities, scopes, updates, the progress query and what the Web UI shows. */
import { defined } from '../../model/defined.js';
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  defineQuery,
  defineUpdate,
  isCancellation,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { messageOf } from '../../model/errors.js';
import type { DecisionKind } from '../../model/policy.js';
import { permitDecision } from '../steps/request.js';
import { NEEDS_REASON } from '../../model/holds.js';
import { inWords } from '../../model/in-words.js';
import { Decision, type Hold, type Progress, type ShownHold } from '../../model/progress.js';
import type { Indexed } from './search-attributes.js';
import { createEpochs } from '../kit/epochs.js';
import type { Engine } from '../kit/runner.js';
import { undoOf, type AnyStep, type Step } from '../kit/step.js';
import { TIMINGS, type TimingName } from '../kit/timing.js';
import type { Board } from './board.js';
import { runChild } from './children.js';
import { endFailure, failureOf } from './failure.js';
import { refuseTooLarge, wasTooLarge } from './size.js';
import { z } from 'zod';

/** Answers the live state of a run. */
export const progressQuery = defineQuery<Progress>('progress');
/** An operator's answers to a hold; the argument says who and why. */
export const retryUpdate = defineUpdate<string, [DecisionInput]>('retry');
export const skipUpdate = defineUpdate<string, [DecisionInput]>('skip');
export const rollbackUpdate = defineUpdate<string, [DecisionInput]>('rollback');
export const forwardUpdate = defineUpdate<string, [DecisionInput]>('forward');
export const confirmUpdate = defineUpdate<string, [DecisionInput]>('confirm');
export const revertUpdate = defineUpdate<string, [DecisionInput]>('revert');
/** Asked before a cancellation by drover's own clients; a bare one is taken as well, since it only takes the move back. */
export const mayAbortUpdate = defineUpdate<string, [{ by: string }]>('mayAbort');
/** Who decides, what, and why; a reason is required for a skip. */
export interface DecisionInput {
  readonly by: string;
  readonly reason?: string;
  /** The update's own name, and the key of the hold that it answers: a copy of it answers no other (S1). */
  readonly choice: Decision['choice'];
  readonly hold: string;
}

/** Names the state of the migration for a step that runs; a runbook knows its own phases. */
export type PhaseOf = (step: AnyStep) => string;

/** The runner's engine, and the window of a cold migration: a hold that may have a deadline. */
export interface BoundEngine {
  readonly engine: Engine;
  window(hold: Hold, deadlineMs: number | undefined): Promise<Decision | undefined>;
}

/** Binds a runbook's run to the workflow that it runs in. */
export function temporalEngine(board: Board, indexed: Indexed, phaseOf: PhaseOf): BoundEngine {
  const answered = holdHandlers(board);
  setHandler(progressQuery, () => board.progress(), {
    description: 'Live steps, and the hold if there is one.',
  });
  const publish = (stepName: string, state: string) => {
    board.setState(state);
    setCurrentDetails(board.markdown());
    const { vm, source, target, project } = board.subject;
    indexed.set({
      ...defined({ VmName: vm }),
      MigrationState: state,
      Step: stepName,
      ...defined({ SourceHost: source, TargetHost: target, Project: project }),
    });
  };
  const ask = async (hold: Hold, state: string, deadlineMs?: number) => {
    const { decisions } = board.progress();
    board.setHold({ ...hold, key: `${workflowInfo().runId}/${decisions.length}` });
    publish(hold.step, state);
    try {
      return await answered(deadlineMs);
    } finally {
      board.setHold(undefined);
    }
  };
  const epochs = createEpochs(phaseOf);
  const engine: Engine = {
    call: async (step, input) => {
      const given = epochs.ofRun(step, input);
      refuseTooLarge(step.name, given);
      return completed(step, await invoke(step.name, step.doc, step.timing, given));
    },
    undo: async (step, input) => {
      const undo = undoOf(step);
      if (!undo || wasTooLarge(input)) return [];
      const kept = await invoke(undo.name, `Undo: ${undo.doc}`, 'undo', epochs.ofUndo(input));
      return Kept.safeParse(kept).data ?? [];
    },
    child: runChild,
    knowsUndo: (step) => {
      const since = undoOf(step)?.since;
      return since === undefined || patched(since);
    },
    shielded: (work) => CancellationScope.nonCancellable(work),
    failureOf,
    report: (step, event, note) => {
      board.record(step, event, note, Date.now());
      if (event === 'running') publish(step.name, phaseOf(step));
      else if (event === 'undoing') publish(step.name, 'rolling-back');
      else setCurrentDetails(board.markdown());
    },
    // Without a deadline there always is an answer.
    decide: async (hold) => (await ask(hold, 'held')) as Decision,
  };
  return { engine, window: (hold, deadlineMs) => ask(hold, 'unconfirmed', deadlineMs) };
}

/** What an undo says; one of an older release says nothing. */
const Kept = z.array(z.string());

/** What an older release has left in a history lacks what later ones say; where it says something else, it goes on as it is. */
function completed(step: AnyStep, output: unknown): unknown {
  const parsed = step.output.safeParse(output);
  return parsed.success ? parsed.data : output;
}

/** Registers the six updates; each is refused unless a hold offers it. */
function holdHandlers(board: Board): (deadlineMs?: number) => Promise<Decision | undefined> {
  let answer: Decision | undefined;
  for (const [update, choice] of [
    [retryUpdate, 'retry'],
    [skipUpdate, 'skip'],
    [rollbackUpdate, 'rollback'],
    [forwardUpdate, 'forward'],
    [confirmUpdate, 'confirm'],
    [revertUpdate, 'revert'],
  ] as const) {
    setHandler(
      update,
      async (input: DecisionInput) => {
        const { hold, step } = await permitted(board, input, choice);
        // Meanwhile another answer may have come, or the window's end.
        if (hold)
          asFailure(() => refuseUnlessOffered(board.progress().hold, answer, choice, input));
        answer = Decision.parse(decisionOf(input, choice));
        board.addDecision(answer, step, Date.now());
        return `${choice}: ${step}`;
      },
      {
        validator: (input: DecisionInput) =>
          refuseUnlessOffered(board.progress().hold, answer, choice, input),
      },
    );
  }
  setHandler(mayAbortUpdate, async ({ by }) => {
    await mayDecide(board, by, 'abort');
    return `abort: ${board.subject.title}`;
  });
  return async (deadlineMs) => {
    const isAnswered = () => answer !== undefined;
    if (deadlineMs === undefined) await condition(isAnswered);
    else await condition(isAnswered, deadlineMs);
    const given = answer;
    answer = undefined;
    return given;
  };
}

/** The hold that is answered, if the policy was asked whether this person may; runs that began before do not ask. */
async function permitted(
  board: Board,
  { by }: DecisionInput,
  choice: Decision['choice'],
): Promise<{ step: string; hold?: Hold | undefined }> {
  const { hold } = board.progress();
  const step = hold?.step ?? '';
  if (!patched('decisions-ask-the-policy')) return { step };
  const decision = choice === 'confirm' || choice === 'revert' ? 'confirm' : 'answer';
  await mayDecide(board, by, decision);
  return { hold, step };
}

/** @throws NOT_AUTHORISED */
const mayDecide = (board: Board, user: string, decision: DecisionKind): Promise<unknown> =>
  CancellationScope.nonCancellable(() =>
    callOnce(permitDecision, { user, decision, ...defined({ project: board.subject.project }) }),
  );

/** A plain error in a handler that waits would make the run wait for ever. */
function asFailure(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw ApplicationFailure.nonRetryable(messageOf(error), 'BAD_INPUT');
  }
}

const decisionOf = ({ by, reason }: DecisionInput, choice: Decision['choice']) =>
  defined({ by, reason, choice });

function refuseUnlessOffered(
  hold: ShownHold | undefined,
  pending: Decision | undefined,
  choice: Decision['choice'],
  input: DecisionInput,
): void {
  if (!hold || pending) throw new Error('no decision is needed now: see the query progress');
  if (!hold.choices.includes(choice)) {
    throw new Error(
      `${choice} is not offered at ${hold.step} (${hold.kind}); choose ${hold.choices.join(' or ')}`,
    );
  }
  if (input.choice !== choice || input.hold !== hold.key)
    throw new Error(
      `this ${choice} does not answer the hold at ${hold.step}: look again (drover watch), and answer what it says now`,
    );
  const decision = decisionOf(input, choice);
  const parsed = Decision.safeParse(decision);
  if (!parsed.success)
    throw new Error(`a ${choice} is not taken so: ${inWords(Decision, decision)}`);
  if (NEEDS_REASON.has(choice) && !parsed.data.reason)
    throw new Error(`${choice} needs a reason, which is kept with the run`);
}

/** Calls one step outside of a runbook, with its profile; a failure keeps its code. */
export async function callOnce<I extends z.ZodType, O extends z.ZodType>(
  { name, doc, timing }: Step<I, O>,
  input: z.input<I>,
): Promise<z.output<O>> {
  try {
    refuseTooLarge(name, input);
    return (await invoke(name, doc, timing, input)) as z.output<O>;
  } catch (error) {
    if (isCancellation(error)) throw error;
    throw endFailure(failureOf(error), 'failed', [], error);
  }
}

/** Calls one activity with its profile; the doc line is its summary in the Web UI. */
function invoke(
  name: string,
  summary: string,
  timing: TimingName,
  input: unknown,
): Promise<unknown> {
  const activities = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>(
    optionsOf(timing, summary),
  );
  return (activities[name] as (input: unknown) => Promise<unknown>)(input);
}

function optionsOf(name: TimingName, summary: string): ActivityOptions {
  const timing = TIMINGS[name];
  return {
    summary,
    startToCloseTimeout: timing.attemptMs,
    heartbeatTimeout: timing.heartbeatMs,
    // The SDK's default would let the unwinding start while the step still runs on the host.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: {
      maximumAttempts: timing.attempts,
      initialInterval: timing.firstRetryMs,
      maximumInterval: timing.longestRetryMs,
      backoffCoefficient: 2,
    },
  };
}

/** True once somebody asked for the run's cancellation. */
export const isCancelRequested = (): boolean => CancellationScope.current().consideredCancelled;

/** Ends the run as cancelled if somebody asked for it while the last step was finishing. @throws CancelledFailure */
export function throwIfCancelled(): void {
  if (isCancelRequested()) throw new CancelledFailure('cancelled on request');
}

/** The id that marks everything that this run makes; stable across retries and resets. */
export const migrationIdOf = (): string => workflowInfo().firstExecutionRunId;
