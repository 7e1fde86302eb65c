/** A file that a move has brought to its target. */
import { z } from 'zod';
import { HostPath } from './ids.js';

/** Under which name, and which file of that name: its inode there. */
export const Arrived = z.object({ path: HostPath, inode: z.string() });
export type Arrived = z.infer<typeof Arrived>;
