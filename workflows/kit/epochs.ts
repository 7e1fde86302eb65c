/** The numbers that steps' calls travel with; the host keeps the highest (activities/kit/fence.ts). */
import type { AnyStep } from './step.js';

/** Numbers the calls of one run. */
export interface Epochs {
  /** The input of a step's run, with its number. */
  ofRun(step: AnyStep, input: unknown): unknown;
  /** The input of an undo, with its number. */
  ofUndo(input: unknown): unknown;
}

/** A new phase fences off what is late of the one before, and an undo every step: within a phase they may overlap. */
export function createEpochs(phaseOf: (step: AnyStep) => string): Epochs {
  let epoch = 0;
  let phase: string | undefined;
  return {
    ofRun(step, input) {
      const next = phaseOf(step);
      if (next !== phase) epoch += 1;
      phase = next;
      return withEpoch(input, epoch);
    },
    ofUndo(input) {
      epoch += 1;
      return withEpoch(input, epoch);
    },
  };
}

/** The input with its route numbered; a plan's route has no number, since a plan changes nothing. */
function withEpoch(input: unknown, epoch: number): unknown {
  const { route } = input as { route?: { epoch?: number } };
  return route?.epoch === undefined ? input : { ...(input as object), route: { ...route, epoch } };
}
