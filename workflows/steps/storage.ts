/** How each disk travels. */
import { z } from 'zod';
import { Route } from '../../model/route.js';
import { Move, Objection } from '../../model/objection.js';
import { Media } from '../../model/media.js';
import { Disk, DiskPlan } from '../../model/storage.js';
import { step } from '../kit/step.js';

/** Writes a probe file on the source and reads it on the target; nothing else proves that storage is shared. */
export const precheckStorage = step({
  name: 'storage.precheck',
  doc: 'Find out for each disk, on both hosts, whether it is shared, a volume, or must be copied, and who else uses its file.',
  facts: ['L1', 'K2', 'K3'],
  input: z.object({
    route: Route,
    disks: z.array(Disk),
    move: Move.default('live'),
    media: Media.default('bring'),
    isWarm: z.boolean().default(false),
  }),
  output: z.object({
    disks: z.array(DiskPlan),
    /** Told together with what speaks against the target. */
    objections: z.array(Objection).optional(),
    /** What of its files does not come along. */
    remarks: z.array(z.string()).optional(),
  }),
  timing: 'quickQuery',
  errors: ['STORAGE_UNSUITABLE'],
  // The step removes its probe itself; the undo is for a removal that failed.
  undo: { name: 'storage.removeProbes', doc: 'Remove the probe files from the source.' },
  fence: 'also of a plan',
  undoFence: 'also of a plan',
});
