/** Runs the steps of a runbook: pushes each undo before its call, unwinds, passes the pivot, holds for a person. */
import type { z } from 'zod';
import type { ErrorCode } from '../../model/errors.js';
import type { Decision, Hold } from '../../model/progress.js';
import { each } from './each.js';
import { canSkip, undoOf, type AnyStep, type Step } from './step.js';

/** A failure as the runner sees it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly isCancellation: boolean;
}

/** What happened to a step, for the progress table. */
export type StepEvent =
  'running' | 'done' | 'skipped' | 'failed' | 'undoing' | 'undone' | 'undo-failed';

/** What the runner needs of the world. Temporal is one (`workflows/engine`), the contract tests' is another. */
export interface Engine {
  call(step: AnyStep, input: unknown): Promise<unknown>;
  /** Returns what stays although it was to be taken back, in words. */
  undo(step: AnyStep, input: unknown): Promise<readonly string[]>;
  child(type: string, request: unknown, workflowId: string): Promise<unknown>;
  /** False for an undo that this run began without. */
  knowsUndo(step: AnyStep): boolean;
  /** Runs `work` so that a cancellation does not reach it. */
  shielded<T>(work: () => Promise<T>): Promise<T>;
  /** Waits until a person has answered the hold. */
  decide(hold: Hold): Promise<Decision>;
  report(step: AnyStep, event: StepEvent, note?: string): void;
  failureOf(error: unknown): Failure;
}

/** A step's result, kept although it failed. */
export type Settled<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** A runbook as another one calls it. */
export interface ChildRunbook<Request, Report> {
  /** The workflow's type. */
  readonly name: string;
  readonly request: z.ZodType<Request>;
  readonly report: z.ZodType<Report>;
}

/** Runs one step; `settle` keeps a failure, for a step whose failure proves nothing; `reconsider` throws it, unless a person wants another try. */
export interface Run {
  <I extends z.ZodType, O extends z.ZodType>(
    step: Step<I, O>,
    input: z.input<I>,
  ): Promise<z.output<O>>;
  settle<I extends z.ZodType, O extends z.ZodType>(
    step: Step<I, O>,
    input: z.input<I>,
  ): Promise<Settled<z.output<O>>>;
  reconsider(step: AnyStep, error: unknown): Promise<void>;
  /** The same work for many things, some at a time. Work that changes something is a child's, since undos go one after the other. */
  readonly each: typeof each;
  /** Another runbook as a run of its own, under an id that is its lock. It goes on if this one ends. */
  child<Request, Report>(
    runbook: ChildRunbook<Request, Report>,
    request: Request,
    workflowId: string,
  ): Promise<Report>;
}

/** How a run ended. `leftovers` are undos that an operator skipped, with the reason given; `kept` is what is somebody else's by now. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | {
      readonly kind: 'unwound';
      readonly failure: Failure;
      readonly error: unknown;
      readonly leftovers: readonly string[];
      readonly kept: readonly string[];
      /** True if a step that has an undo had begun; else nothing was touched. */
      readonly hasChanged: boolean;
    };

/** Runs `procedure` and, if it fails or is cancelled before the pivot, everything that takes it back. */
export async function runSteps<T>(
  engine: Engine,
  options: { readonly onFailure: 'rollback' | 'hold' },
  procedure: (run: Run) => Promise<T>,
): Promise<Outcome<T>> {
  const stack: { step: AnyStep; input: unknown }[] = [];
  let hasPivoted = false;

  const attempt = async (step: AnyStep, input: unknown, called = step): Promise<unknown> => {
    const isPivot = pivotOf(step);
    const call = () => engine.call(called, input);
    if (undoOf(step) && !hasPivoted && stack.at(-1)?.step !== step) stack.push({ step, input });
    engine.report(step, 'running');
    const output = isPivot || hasPivoted ? await engine.shielded(call) : await call();
    if (isPivot?.passed(output)) {
      hasPivoted = true;
      stack.length = 0;
    }
    engine.report(step, 'done');
    return output;
  };

  /** Asks a person how to go on after a failure; throws the failure if nobody is to be asked, or if the answer is to roll back. */
  const answerTo = async (step: AnyStep, error: unknown): Promise<Decision> => {
    const failure = engine.failureOf(error);
    const kind = holdKind(step, failure, hasPivoted, options.onFailure);
    if (kind === undefined) throw error;
    const choices = choicesOf(step, kind);
    const ask = () => engine.decide({ step: step.name, kind, ...summary(failure), choices });
    const decision = kind === 'failed' ? await ask() : await engine.shielded(ask);
    if (decision.choice === 'rollback') throw error;
    return decision;
  };

  /** Calls until it succeeds, an operator skips it, or the failure is to be thrown. */
  const untilSettled = async (step: AnyStep, input: unknown): Promise<unknown> => {
    for (let called = step; ;) {
      try {
        return await attempt(step, input, called);
      } catch (error) {
        engine.report(step, 'failed', engine.failureOf(error).message);
        const { choice, reason } = await answerTo(step, error);
        called = (choice === 'forward' && pivotOf(step)?.forward) || step;
        if (choice === 'skip') {
          engine.report(step, 'skipped', reason);
          return step.output.parse({});
        }
      }
    }
  };

  const unwind = async (): Promise<Left> => {
    const all: Left[] = [];
    for (let entry = stack.pop(); entry; entry = stack.pop()) {
      if (!engine.knowsUndo(entry.step)) continue;
      const skipped = all.flatMap((left) => left.skipped ?? []);
      all.push(await undoUntilSettled(engine, entry.step, knowing(entry.input, skipped)));
    }
    return {
      leftovers: all.flatMap(({ leftovers }) => leftovers),
      kept: all.flatMap(({ kept }) => kept),
    };
  };

  // The casts are the one place where the list's untyped steps meet their types; `implement` parses both ends.
  const run: Run = Object.assign(
    <I extends z.ZodType, O extends z.ZodType>(step: Step<I, O>, input: z.input<I>) =>
      untilSettled(step, input) as Promise<z.output<O>>,
    {
      async settle<I extends z.ZodType, O extends z.ZodType>(step: Step<I, O>, input: z.input<I>) {
        try {
          const value = (await attempt(step, input)) as z.output<O>;
          return { ok: true as const, value };
        } catch (error) {
          engine.report(step, 'failed', engine.failureOf(error).message);
          return { ok: false as const, error };
        }
      },
      reconsider: async (step: AnyStep, error: unknown) => {
        await answerTo(step, error);
      },
      each,
      child: async <Request, Report>(
        { name, request: shape, report }: ChildRunbook<Request, Report>,
        request: Request,
        workflowId: string,
      ) => report.parse(await engine.child(name, shape.parse(request), workflowId)),
    },
  );
  try {
    return { kind: 'done', value: await procedure(run) };
  } catch (error) {
    // After the pivot the stack is empty, so that a fault of the procedure itself takes nothing back.
    const hasChanged = stack.length > 0;
    const { leftovers, kept } = await engine.shielded(unwind);
    const failure = engine.failureOf(error);
    return { kind: 'unwound', failure, error, leftovers, kept, hasChanged };
  }
}

/** What is there after an undo. */
interface Left {
  readonly leftovers: readonly string[];
  readonly kept: readonly string[];
  /** The code of what was skipped. */
  readonly skipped?: ErrorCode;
}

/** What later undos are told: what a person has skipped stands in their route. */
function knowing(input: unknown, skipped: readonly ErrorCode[]): unknown {
  if (skipped.length === 0 || typeof input !== 'object' || input === null) return input;
  const { route } = input as { route?: unknown };
  return typeof route === 'object' ? { ...input, route: { ...route, skipped } } : input;
}

/** Undoes one step, or an operator skips it. */
async function undoUntilSettled(engine: Engine, step: AnyStep, input: unknown): Promise<Left> {
  for (;;) {
    engine.report(step, 'undoing');
    try {
      const kept = await engine.undo(step, input);
      engine.report(step, 'undone', kept.length > 0 ? kept.join('; ') : undefined);
      return { leftovers: [], kept };
    } catch (error) {
      const failure = engine.failureOf(error);
      engine.report(step, 'undo-failed', failure.message);
      const name = undoOf(step)?.name ?? step.name;
      const decision = await engine.decide({
        step: name,
        kind: 'undo-failed',
        ...summary(failure),
        choices: ['retry', 'skip'],
      });
      if (decision.choice !== 'skip') continue;
      const left = `${name}: ${failure.message} (skipped by ${decision.by}: ${decision.reason})`;
      return { leftovers: [left], kept: [], skipped: failure.code };
    }
  }
}

const pivotOf = ({ undo }: AnyStep) =>
  typeof undo === 'object' && 'pivot' in undo ? undo : undefined;

const summary = ({ code, message, hint }: Failure) => ({ code, message, hint });

/** Whether a failed step waits for a person, and as what. */
function holdKind(
  step: AnyStep,
  failure: Failure,
  hasPivoted: boolean,
  onFailure: 'rollback' | 'hold',
) {
  if (hasPivoted) return 'forward-failed' as const;
  if (pivotOf(step)) return 'undecided' as const;
  if (onFailure === 'hold' && !failure.isCancellation) return 'failed' as const;
  return undefined;
}

function choicesOf(step: AnyStep, kind: Hold['kind']): Decision['choice'][] {
  const choices: Decision['choice'][] = ['retry'];
  if (kind === 'undecided') {
    if (pivotOf(step)?.forward) choices.push('forward');
  } else if (canSkip(step)) choices.push('skip');
  if (kind !== 'forward-failed') choices.push('rollback');
  return choices;
}
