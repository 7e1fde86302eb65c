/** What a migration returns. */
import { z } from 'zod';
import type { CopyPlan } from './copy.js';
import type { TransferProgress } from './progress.js';

/** What is known before the start about how the transfer will go (B5, B7). */
export const Forecast = z.object({
  verdict: z.enum(['converges', 'needs-auto-converge', 'needs-post-copy']),
  memoryBytes: z.number(),
  linkBytesPerSec: z.number(),
  /** Missing where it was not measured because one pass takes seconds only. */
  dirtyBytesPerSec: z.number().optional(),
  expectedSeconds: z.number(),
  explanation: z.string(),
});

export type Forecast = z.infer<typeof Forecast>;

/** What a migration that ran returns. `reverted`: a cold migration that its operator took back. */
export interface MigrationReport {
  readonly outcome: 'moved' | 'planned' | 'reverted';
  /** Of the run whose report it is; runs that ended before 0.4 do not say. */
  readonly runId?: string;
  readonly vm: string;
  readonly uuid: string;
  readonly source: string;
  readonly target: string;
  /** Why this target, and why not the others (F5). */
  readonly targetReason: string;
  readonly disks: readonly {
    readonly device: string;
    readonly handling: string;
    readonly reason: string;
  }[];
  /** Of a live migration. */
  readonly forecast?: Forecast;
  /** Of a cold migration: how each disk travelled, and what was compared. */
  readonly copies?: readonly CopyPlan[];
  readonly copiedBytes?: number;
  readonly transfer?: TransferProgress;
  /** What the operator should know of the guest, and is no objection. */
  readonly remarks?: readonly string[];
  /** Files and rules of the VM that were kept on the source, because others use them. */
  readonly kept?: readonly string[];
  /** A cancel that came after the switchover: the guest had moved already. */
  readonly cancelCameTooLate?: boolean;
  /** Only of a plan: what becomes of each part of the guest that does not simply travel. */
  readonly parts?: readonly { readonly part: string; readonly fate: string }[];
  /** Only of a plan: per step the exact calls and commands, and the difference of the XML. */
  readonly plan?: {
    readonly steps: readonly { name: string; lines: string[] }[];
    readonly xmlDiff: string;
  };
}
