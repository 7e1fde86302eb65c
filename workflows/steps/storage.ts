/** Steps about disks: how each travels, volumes, and what the target needs for block migration. */
import { z } from 'zod';
import { Route } from '../../model/migration.js';
import { Move, Objection } from '../../model/objection.js';
import { Disk, DiskPlan } from '../../model/storage.js';
import { step } from '../kit/step.js';

const routeAndDisks = z.object({ route: Route, disks: z.array(DiskPlan) });

/** L1: a probe file is written on the source and read on the target; nothing else proves sharing. */
export const precheckStorage = step({
  name: 'storage.precheck',
  doc: 'Find out for each disk, on both hosts, whether it is shared, a volume, or must be copied, and who else uses its file.',
  facts: ['L1', 'K2', 'K3'],
  input: z.object({ route: Route, disks: z.array(Disk), move: Move.default('live') }),
  output: z.object({
    disks: z.array(DiskPlan),
    /** Told together with what speaks against the target. */
    objections: z.array(Objection).optional(),
  }),
  timing: 'quickQuery',
  errors: ['STORAGE_UNSUITABLE'],
  // The step removes its probe itself; the undo is for a removal that failed.
  undo: { name: 'storage.removeProbes', doc: 'Remove the probe files from the source.' },
  fence: 'also of a plan',
  undoFence: 'also of a plan',
});

/** L2 F12. */
export const connectVolumes = step({
  name: 'volumes.connectTarget',
  doc: 'Connect the guest’s volumes to the target and read from each.',
  facts: ['L2', 'F12'],
  input: routeAndDisks,
  output: z.object({}),
  timing: 'hostChange',
  errors: ['VOLUME_UNREACHABLE'],
  undo: { name: 'volumes.disconnectTarget', doc: 'Disconnect the volumes from the target.' },
});

/** L3: the backing file comes from the image store, or from the source if the store lost it. */
export const prepareDisks = step({
  name: 'disks.prepareTarget',
  doc: 'Make the VM’s directory on the target, fetch missing backing files, create empty disks.',
  facts: ['L3', 'K3'],
  input: routeAndDisks,
  output: z.object({ made: z.array(z.string()).optional() }),
  timing: 'dataCopy',
  errors: [
    'TARGET_STALE',
    'TARGET_DISK_FULL',
    'BACKING_FILE_MISSING',
    'CHECKSUM_MISMATCH',
    'IMAGE_STORE_UNREACHABLE',
    'IMAGE_MISSING',
  ],
  undo: {
    name: 'disks.removeTarget',
    doc: 'Remove the files that this migration made on the target.',
  },
});

/** F8, after the switchover only: the text's order would cut the disk of a running guest. */
export const disconnectVolumes = step({
  name: 'volumes.disconnectSource',
  doc: 'End the source’s connections to the guest’s volumes.',
  facts: ['F8'],
  input: routeAndDisks,
  output: z.object({}),
  timing: 'forward',
  errors: ['GUEST_NOT_ON_TARGET', 'VOLUME_UNREACHABLE'],
  undo: { none: 'The guest runs on the target and no longer uses the source.' },
});
