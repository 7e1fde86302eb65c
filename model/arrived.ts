/** A file as a step has seen it, told apart later from another one under its name, and from what somebody has written into it. */
import { z } from 'zod';
import { HostPath } from './ids.js';

/** Under which name; which file of that name, by its inode there; and when it was last written. Runs of releases before 0.3 know no time. */
export const Arrived = z.object({
  path: HostPath,
  inode: z.string(),
  changedAt: z.string().optional(),
  /** Of what may be brought back by a copy that keeps its times: the same time and length are the same content. */
  writtenAt: z.string().optional(),
  sizeBytes: z.number().optional(),
  /** Of what is small: its content, so that who only opens it changes nothing. */
  sha256: z.string().optional(),
});
export type Arrived = z.infer<typeof Arrived>;
