/** Runs a runbook without Temporal: the same runner and the same steps over the fake data centre. */
import { CancelledFailure } from '@temporalio/common';
import type { BoundCode, Deps, StepContext } from '../../activities/kit/implement.js';
import { IMPLEMENTATIONS } from '../../activities/index.js';
import { codeOf } from '../../activities/kit/fence.js';
import { toCoded } from '../../activities/kit/failure.js';
import { traitsOf } from '../../model/errors.js';
import type { Decision, Hold } from '../../model/progress.js';
import type { Engine, Failure } from '../../workflows/kit/runner.js';
import { phaseOf, type Runbook } from '../../workflows/engine/runbook.js';
import { createEpochs } from '../../workflows/kit/epochs.js';
import { undoOf, type AnyStep } from '../../workflows/kit/step.js';
import { TIMINGS } from '../../workflows/kit/timing.js';
import { virtualClock, type VirtualClock } from './virtual-clock.js';

/** What a test may ask of the engine, and what it saw. */
export interface EngineScript {
  /** A cancellation that arrives when this step is called, before it has an effect, or during it. */
  readonly cancelAt?: { readonly step: string; readonly when: 'before' | 'during' };
  /** The step whose code is run twice in a row. */
  readonly repeat?: string;
  /** Sees each step's input. */
  readonly onInput?: (step: string, input: unknown) => void;
  /** Waits and deadlines go by it. @default one of its own */
  readonly clock?: VirtualClock;
  /** Answers holds. @default retry, at most twenty times */
  readonly answer?: (hold: Hold) => Decision['choice'];
}

/** Runs of a single step, by their workflow type. */
const CHILDREN: Readonly<Record<string, string>> = {
  enforceSecurityGroups: 'host.enforceGroups',
};

/** A step's code as it is, without the fence in front of it. */
export function codeNamed(name: string, deps: Deps): BoundCode {
  const found = IMPLEMENTATIONS.find(({ step }) => step.name === name);
  if (!found) throw new Error(`no code is registered for ${name}`);
  return found.bind(deps, () => Promise.resolve());
}

/** A context that nothing cancels, but the signal if one is given. */
export const contextOn = (
  { pause, nowMs }: VirtualClock = virtualClock(),
  { signal } = new AbortController(),
): StepContext => ({
  progress: () => undefined,
  pause,
  nowMs,
  signal,
  isCancelRequested: () => signal.aborted,
  cancelled: () => Promise.reject(new CancelledFailure('cancelled')),
  runOf: () => Promise.resolve(undefined),
  requestOf: () => Promise.resolve(undefined),
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
export function memoryEngine(
  deps: Deps,
  runbook: Pick<Runbook, 'phases'>,
  script: EngineScript = {},
): MemoryEngine {
  const clock = script.clock ?? virtualClock();
  const epochs = createEpochs((step) => phaseOf(runbook, step));
  const codes = new Map(
    IMPLEMENTATIONS.map((implementation) => [
      implementation.step.name,
      codeOf(implementation, deps),
    ]),
  );
  const codeOfStep = ({ name }: AnyStep): BoundCode => {
    const code = codes.get(name);
    if (code) return code;
    throw new Error(`no code is registered for ${name}`);
  };
  const engine = {
    called: [] as string[],
    undone: [] as string[],
    holds: [] as Hold[],
    raised: [] as MemoryEngine['raised'],
  };
  let isCancelled = false;
  let shields = 0;

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
    return contextOn(clock, abort);
  };
  return {
    ...engine,
    async call(step, plain) {
      const input = epochs.ofRun(step, plain);
      if (script.cancelAt?.step === step.name && script.cancelAt.when === 'before')
        isCancelled = true;
      if (isCancelled && shields === 0) throw new CancelledFailure('cancelled');
      engine.called.push(step.name);
      const code = codeOfStep(step);
      script.onInput?.(step.name, input);
      if (script.repeat === step.name) await code.run(input, contextFor(step));
      return attempts(step, TIMINGS[step.timing].attempts, () => code.run(input, contextFor(step)));
    },
    async undo(step, plain) {
      const input = epochs.ofUndo(plain);
      engine.undone.push(undoOf(step)?.name ?? '');
      const { undo } = codeOfStep(step);
      if (!undo) return [];
      const undoing = async () => (await undo(input, contextFor(step))) ?? [];
      return (await attempts(step, TIMINGS.undo.attempts, undoing)) as readonly string[];
    },
    child: async (type, request) => {
      const code = CHILDREN[type];
      if (!code) throw new Error(`no run of ${type} is started here`);
      return codeNamed(code, deps).run(request, contextOn(clock));
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
