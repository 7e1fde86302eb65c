/** How a step of a runbook is declared: pure data that the activity, the docs and the tests all follow. */
import type { z } from 'zod';
import type { ErrorCode } from '../../model/errors.js';
import type { FactId } from '../../model/ids.js';
import type { TimingName } from './timing.js';

/**
 * What takes a step back; `since` names the change that brought it, if the step was there before: runs that began without it do
 * not know it (Temporal's patches). `none` says why nothing does (a step after the pivot only goes forward); `pivot` is the point
 * after which the undos are dropped, if `passed` holds for its output; `forward` is called instead if a person decides so.
 */
export type Undo<Output> =
  | { readonly name: string; readonly doc: string; readonly since?: string }
  | 'read-only'
  | { readonly none: string }
  | { readonly pivot: string; passed(output: Output): boolean; readonly forward?: AnyStep };

/**
 * How a step passes the fence on the hosts (activities/kit/fence.ts): it needs this migration's mark on the guest and writes its
 * epoch, unless the declaration says otherwise.
 */
export type Fence =
  | 'needs the mark'
  | 'takes it'
  | 'may find it gone'
  | 'only looks'
  | 'unless another has it'
  | 'also of a plan'
  | 'open';

/** A declared step. `name` is the activity's type and is never changed after a release. */
export interface Step<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  U extends Undo<z.output<O>> = Undo<z.output<O>>,
> {
  readonly name: string;
  /** One line for the Web UI, the docs and the progress table. */
  readonly doc: string;
  /** Ids of docs/procedure.md. */
  readonly facts: readonly FactId[];
  readonly input: I;
  readonly output: O;
  readonly timing: TimingName;
  /** The codes that the step may raise, beside COMMON_ERRORS of model/errors.ts. */
  readonly errors: readonly ErrorCode[];
  readonly undo: U;
  /** @default needs the mark */
  readonly fence?: Fence;
  /** @default needs the mark */
  readonly undoFence?: Fence;
  /** It asks the target's libvirtd: where that does not answer, the step waits. */
  readonly asksTarget?: true;
}

/** A step without its types, for lists and generic tests. */
export type AnyStep = Step;

/** Declares a step. */
export const step = <I extends z.ZodType, O extends z.ZodType, U extends Undo<z.output<O>>>(
  declared: Step<I, O, U>,
): Step<I, O, U> => Object.freeze(declared);

/** The undo that a step names, if it has one. */
export const undoOf = (
  declared: AnyStep,
): { name: string; doc: string; since?: string } | undefined =>
  typeof declared.undo === 'object' && 'name' in declared.undo ? declared.undo : undefined;

/** True for a step whose output may be left out, so that an operator may skip it. */
export const canSkip = (declared: AnyStep): boolean => declared.output.safeParse({}).success;
