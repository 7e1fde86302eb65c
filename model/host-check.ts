/** What `drover hosts check` finds on a host, or between two. */
import { z } from 'zod';

/** One thing that drover needs of a host, or between two. */
export const HostCheck = z.object({
  /** The host; `h1 to h2` for what is between them. */
  where: z.string(),
  about: z.string(),
  /** `some`: only certain moves need it, and `found` says which. */
  verdict: z.enum(['ok', 'some', 'lacks']),
  found: z.string(),
  /** What mends it, as a command where there is one. */
  mend: z.string().optional(),
});
export type HostCheck = z.infer<typeof HostCheck>;

/** All of them. */
export const HostChecks = z.object({ checks: z.array(HostCheck) });
export type HostChecks = z.infer<typeof HostChecks>;
