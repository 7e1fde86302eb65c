/** Runs a runbook without Temporal: the same runner and the same steps over the fake data centre. */
import { CancelledFailure } from '@temporalio/common';
import type { Deps, StepContext } from '../../activities/kit/implement.js';
import { IMPLEMENTATIONS } from '../../activities/index.js';
import { codeOf, type FencedCode } from '../../activities/kit/fence.js';
import { parseEnd, toCoded } from '../../activities/kit/failure.js';
import { traitsOf } from '../../model/errors.js';
import type { Decision, Hold } from '../../model/migration.js';
import type { Engine, Failure } from '../../workflows/kit/runner.js';
import { withEpoch } from '../../workflows/engine/epoch.js';
import { undoOf, type AnyStep } from '../../workflows/kit/step.js';
import { TIMINGS } from '../../workflows/kit/timing.js';

/** What a test may ask of the engine, and what it saw. */
export interface EngineScript {
  /** A cancellation that arrives when this step is called, before it has an effect, or during it. */
  readonly cancelAt?: { readonly step: string; readonly when: 'before' | 'during' };
  /** The step whose code is run twice in a row. */
  readonly repeat?: string;
  /** Sees each step's input. */
  readonly onInput?: (step: string, input: unknown) => void;
  /** Answers holds. @default retry, at most twenty times */
  readonly answer?: (hold: Hold) => Decision['choice'];
}

const noPause = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A context that nothing ever cancels. */
export const quietContext = (): StepContext => ({
  progress: () => undefined,
  pause: noPause,
  signal: new AbortController().signal,
  isCancelRequested: () => false,
  cancelled: () => Promise.reject(new CancelledFailure('cancelled')),
  runOf: () => Promise.resolve(undefined),
});

/** An engine that keeps what happened. */
export interface MemoryEngine extends Engine {
  readonly called: string[];
  readonly undone: string[];
  readonly holds: Hold[];
  /** Codes that steps raised, with the step. */
  readonly raised: { readonly step: AnyStep; readonly code: string }[];
}

/** An engine over `deps`. Retries follow each step's timing profile, without waiting. */
export function memoryEngine(deps: Deps, script: EngineScript = {}): MemoryEngine {
  const codes = new Map(
    IMPLEMENTATIONS.map((implementation) => [
      implementation.step.name,
      codeOf(implementation, deps),
    ]),
  );
  const engine = {
    called: [] as string[],
    undone: [] as string[],
    holds: [] as Hold[],
    raised: [] as MemoryEngine['raised'],
  };
  let isCancelled = false;
  let shields = 0;
  let epoch = 0;

  const attempts = async (
    step: AnyStep,
    limit: number,
    work: () => Promise<unknown>,
  ): Promise<unknown> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof CancelledFailure) throw error;
        const coded = toCoded(error);
        engine.raised.push({ step, code: coded.code });
        if (!traitsOf(coded.code).retry || attempt >= limit) throw coded;
      }
    }
  };
  const contextFor = (step: AnyStep): StepContext => {
    const abort = new AbortController();
    const isMine = script.cancelAt?.step === step.name && script.cancelAt.when === 'during';
    if (isMine && !isCancelled) {
      isCancelled = true;
      abort.abort();
    }
    return {
      progress: () => undefined,
      pause: noPause,
      signal: abort.signal,
      isCancelRequested: () => abort.signal.aborted,
      cancelled: () => Promise.reject(new CancelledFailure('cancelled')),
      runOf: () => Promise.resolve(undefined),
    };
  };
  return {
    ...engine,
    async call(step, plain) {
      const input = withEpoch(plain, ++epoch);
      if (script.cancelAt?.step === step.name && script.cancelAt.when === 'before')
        isCancelled = true;
      if (isCancelled && shields === 0) throw new CancelledFailure('cancelled');
      engine.called.push(step.name);
      const code = codes.get(step.name) as FencedCode;
      script.onInput?.(step.name, input);
      if (script.repeat === step.name)
        await code.run(parseEnd(step.input, input, step.name) as never, contextFor(step));
      const output = await attempts(step, TIMINGS[step.timing].attempts, () =>
        code.run(parseEnd(step.input, input, step.name) as never, contextFor(step)),
      );
      return parseEnd(step.output, output, step.name);
    },
    async undo(step, plain) {
      const input = withEpoch(plain, ++epoch);
      engine.undone.push(undoOf(step)?.name ?? '');
      const undo = codes.get(step.name)?.undo;
      await attempts(
        step,
        TIMINGS.undo.attempts,
        () =>
          undo?.(parseEnd(step.input, input, step.name) as never, contextFor(step)) ??
          Promise.resolve(),
      );
    },
    knowsUndo: () => true,
    async shielded(work) {
      shields += 1;
      try {
        return await work();
      } finally {
        shields -= 1;
      }
    },
    decide: (hold) => {
      engine.holds.push(hold);
      if (engine.holds.length > 20)
        throw new Error(`held twenty times: ${hold.step}: ${hold.message}`);
      return Promise.resolve({
        choice: script.answer?.(hold) ?? 'retry',
        by: 'test',
        reason: 'test',
      });
    },
    report: () => undefined,
    failureOf(error): Failure {
      if (error instanceof CancelledFailure)
        return { code: 'TRANSFER_ABORTED', message: 'cancelled', hint: '', isCancellation: true };
      const { code, message, hint } = toCoded(error);
      return { code, message, hint, isCancellation: false };
    },
  };
}
