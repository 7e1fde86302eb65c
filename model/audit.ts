/** What the janitor finds. */
import { z } from 'zod';

/** One difference between what is on a host and what the inventory and the open migrations say. */
export const Finding = z.object({
  host: z.string(),
  kind: z.enum(['file', 'copy', 'claim', 'mark', 'binding', 'inventory', 'twice', 'aside']),
  /** What it is, in words. */
  what: z.string(),
  /** The migration that left it, if it bears one's id. */
  owner: z.string().optional(),
  workflowId: z.string().optional(),
  /** What a repair does; without one a person has to. */
  repair: z.string().optional(),
  hint: z.string().optional(),
  isRepaired: z.boolean(),
});
export type Finding = z.infer<typeof Finding>;

/** All of it. */
export const Audited = z.object({
  findings: z.array(Finding),
  /** Hosts that could not be asked, with the reason. */
  unasked: z.array(z.string()),
});
export type Audited = z.infer<typeof Audited>;
