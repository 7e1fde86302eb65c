/** Binds a declared step to its code: the types of both ends must match, and an undo must be there if one is declared. */
import type { z } from 'zod';
import type { DataCentre, HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Inventory } from '../../inventory/inventory.js';
import type { MigrationId } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import type { Policy } from '../../model/policy.js';
import type { Planned } from '../../workflows/kit/shapes.js';
import type { Step, Undo } from '../../workflows/kit/step.js';
import { parseEnd } from './failure.js';

/** Everything a step may use. */
export interface Deps {
  readonly dataCentre: DataCentre;
  readonly inventory: Inventory;
  /** Reads the policy file. @throws BAD_CONFIG */
  policy(): Promise<Policy>;
}

/** What a running step knows about its own run. */
export interface StepContext {
  /** Shows how far it is; sent about twice a second. */
  progress(details: unknown): void;
  /** Waits that many milliseconds. */
  pause(ms: number): Promise<void>;
  /** Milliseconds since 1970. Steps wait and measure by this and `pause` only, so that tests need not wait. */
  nowMs(): number;
  /** Fires when the activity should stop, for whatever reason. */
  readonly signal: AbortSignal;
  /** True if the operator cancelled; false if the worker shuts down, which must change nothing. */
  isCancelRequested(): boolean;
  /** The migration of that id, if Temporal knows it; its index lags a moment behind. */
  runOf(id: MigrationId): Promise<{ workflowId: string; isOpen: boolean } | undefined>;
  /** How this run was asked for; nothing where requests are not sealed. */
  requestOf(): Promise<SealedRequest | undefined>;
  /** Rejects as a cancelled activity must end. */
  cancelled(): Promise<never>;
}

/** The sealed request of a run. */
export interface SealedRequest {
  /** Of its bytes, which are others each time that somebody seals a request. */
  readonly digest: string;
  /** When it was sealed, in milliseconds since 1970; nobody without the key can say another time. */
  readonly sealedAtMs: number;
  /** The run that has it: one that was made of another by a reset has the other's request, and is another run. */
  readonly runId: string;
}

/** A step's code. */
export type Code<I, O, U> = {
  run(input: I, context: StepContext): Promise<O>;
  /** What it would do in a planned move, in the words of its calls and commands; nothing is changed. */
  describe?(planned: Planned): Described;
} & (U extends { name: string } ? { undo(input: I, context: StepContext): Promise<Kept> } : object);

/** What an undo leaves since it is somebody else's by now, in words. */
export type Kept = readonly string[] | undefined;

/** Lines of a dry run. */
export type Described = readonly string[] | Promise<readonly string[]>;

/** A step with its code. */
export interface Implementation {
  readonly step: Step;
  bind(deps: Deps, guard: Guard): BoundCode;
}

/** A step's code with its dependencies. Both ends are parsed. @throws BAD_INPUT */
export interface BoundCode {
  run(input: unknown, context: StepContext): Promise<unknown>;
  readonly undo: ((input: unknown, context: StepContext) => Promise<Kept>) | undefined;
  readonly describe: ((planned: Planned) => Described) | undefined;
}

/** Runs between parsing the input and the code; throws to stop the step. */
export type Guard = (input: unknown, which: 'run' | 'undo') => Promise<void>;

/** Declares that `make` builds the code of `step`. */
export const implement = <I extends z.ZodType, O extends z.ZodType, U extends Undo<z.output<O>>>(
  step: Step<I, O, U>,
  make: (deps: Deps) => Code<z.output<I>, z.input<O>, U>,
): Implementation => ({
  step,
  bind(deps, guard) {
    const code: Runs<z.output<I>, z.input<O>> = make(deps);
    const { undo, describe } = code;
    return {
      describe,
      async run(input, context) {
        const parsed = parseEnd(step.input, input, step.name);
        await guard(parsed, 'run');
        const output = await code.run(parsed, context);
        return parseEnd(step.output, output, `the output of ${step.name}`);
      },
      undo:
        undo &&
        (async (input, context) => {
          const parsed = parseEnd(step.input, input, step.name);
          await guard(parsed, 'undo');
          return undo(parsed, context);
        }),
    };
  },
});

interface Runs<I, O> {
  run(input: I, context: StepContext): Promise<O>;
  undo?(input: I, context: StepContext): Promise<Kept>;
  describe?(planned: Planned): Described;
}

/** The drivers of both ends of a route. */
export async function endsOf(
  { dataCentre }: Deps,
  route: Route,
): Promise<{ source: HostDrivers; target: HostDrivers }> {
  const [source, target] = await Promise.all([
    dataCentre.on(route.source),
    dataCentre.on(route.target),
  ]);
  return { source, target };
}
