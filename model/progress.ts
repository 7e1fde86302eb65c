/** What is seen of a run while it runs: steps, figures, what waits for a person. */
import { z } from 'zod';
import { Person } from './person.js';

/** Progress of a running transfer, or its result. Bytes, milliseconds, and bytes per second. */
export const TransferProgress = z.object({
  elapsedMs: z.number(),
  totalBytes: z.number(),
  processedBytes: z.number(),
  remainingBytes: z.number(),
  diskTotalBytes: z.number(),
  diskProcessedBytes: z.number(),
  dirtyBytesPerSec: z.number(),
  bytesPerSec: z.number(),
  iteration: z.number(),
  downtimeMs: z.number(),
  isPostCopy: z.boolean(),
  /** What keeps it from going on. */
  trouble: z.string().optional(),
});

export type TransferProgress = z.infer<typeof TransferProgress>;

/** One step's line in the live table. */
export interface StepProgress {
  readonly number: number;
  readonly name: string;
  readonly doc: string;
  readonly state:
    'pending' | 'running' | 'done' | 'skipped' | 'failed' | 'undoing' | 'undone' | 'undo-failed';
  readonly startedAtMs?: number;
  readonly durationMs?: number;
  readonly note?: string;
}

/** Something that no rule can decide and that waits for a person; `window`: a cold migration that waits for confirm or revert. */
export interface Hold {
  readonly step: string;
  readonly kind: 'failed' | 'forward-failed' | 'undecided' | 'undo-failed' | 'window';
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly choices: readonly Decision['choice'][];
}

/** A hold as it is shown: the key tells it from earlier ones, so that an answer is good for what its giver saw. */
export type ShownHold = Hold & { readonly key: string };

/** An operator's answer to a hold. */
export const Decision = z.strictObject({
  choice: z.enum(['retry', 'skip', 'rollback', 'forward', 'confirm', 'revert']),
  by: Person.meta({ flag: '--as <who>', help: 'who decides' }),
  reason: z
    .string()
    .max(500)
    .default('')
    .meta({ flag: '--reason <why>', help: 'kept with the run', otherwise: 'none' }),
});

export type Decision = z.infer<typeof Decision>;

/** The state of a whole migration. */
export type MigrationState =
  | 'checking'
  | 'preparing'
  | 'transferring'
  | 'copying'
  | 'starting'
  | 'unconfirmed'
  | 'finishing'
  | 'rolling-back'
  | 'held'
  | 'completed'
  | 'rolled-back'
  | 'reverted'
  | 'refused';

/** The answer of the query `progress`. */
export interface Progress {
  readonly runbook: string;
  /** The runbook's own word; of a move, a `MigrationState`. */
  readonly state: string;
  /** What the run is about, in one word. */
  readonly title: string;
  readonly vm: string;
  readonly source?: string;
  readonly target?: string;
  readonly steps: readonly StepProgress[];
  readonly hold?: ShownHold;
  /** Words of objections that the requester took the responsibility for. */
  readonly accepted?: readonly string[];
  readonly decisions: readonly (Decision & { readonly step: string; readonly atMs: number })[];
}
