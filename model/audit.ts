/** What the audit finds. */
import { z } from 'zod';

/** One difference between what is on a host and what the inventory and the open migrations say. */
export const Finding = z.object({
  host: z.string(),
  kind: z.enum([
    'file',
    'copy',
    'claim',
    'mark',
    'binding',
    'inventory',
    'twice',
    'aside',
    'secret',
    'volume',
  ]),
  /** A description of it. */
  what: z.string(),
  /** The migration that left it, if it carries an id. */
  owner: z.string().optional(),
  workflowId: z.string().optional(),
  /** What a repair does; without one a person has to act. */
  repair: z.string().optional(),
  hint: z.string().optional(),
  isRepaired: z.boolean(),
});
export type Finding = z.infer<typeof Finding>;

/** All of it. */
export const Audited = z.object({
  findings: z.array(Finding),
  /** Hosts, and things on them, that could not be read, with the reason. */
  unasked: z.array(z.string()),
});
export type Audited = z.infer<typeof Audited>;
