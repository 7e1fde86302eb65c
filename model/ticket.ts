/** The ticket of a step's call: by whom and for what it was made. It is sealed with the input, so nobody else can write one (S1). */
import { z } from 'zod';

/** For this run of a workflow, and this activity of it. */
export const Ticket = z.strictObject({ runId: z.string(), step: z.string() });
export type Ticket = z.infer<typeof Ticket>;

/** An activity's answer, which is good for the same call only. */
export const Answer = z.strictObject({ ticket: Ticket, answer: z.unknown().optional() });

/** True if both are of one call. */
export const isSameCall = (a: Ticket, b: Ticket): boolean =>
  a.runId === b.runId && a.step === b.step;
