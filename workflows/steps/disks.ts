/** Steps about disks: prepared, flattened, copied. */
import { z } from 'zod';
import { Arrived } from '../../model/arrived.js';
import { CopyPlan } from '../../model/copy.js';
import { HostPath } from '../../model/ids.js';
import { RouteAndDisks } from '../kit/shapes.js';
import { step } from '../kit/step.js';

const routeDisksCopies = RouteAndDisks.extend({ copies: z.array(CopyPlan) });

/** The disks themselves are made later, by the step that copies them. */
export const prepareFolders = step({
  name: 'disks.prepareCopy',
  doc: 'Make the VM’s directory on the target; fetch read-only disks and missing backing files.',
  facts: ['L3'],
  input: RouteAndDisks.extend({
    needBacking: z.array(z.string()),
    /** Memory of external snapshots. */
    snapshotFiles: z.array(HostPath).default([]),
  }),
  output: z.object({
    made: z.array(z.string()),
    /** Devices whose backing files the target cannot have: they are flattened (C3). */
    lacking: z.array(z.string()),
  }),
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
    name: 'disks.removePrepared',
    doc: 'Remove the files and folders that this migration made on the target.',
  },
});

/** What is copied here no longer changes: the guest writes to overlays meanwhile. */
export const precopy = step({
  name: 'disks.precopy',
  doc: 'For a warm copy: let the guest write to overlays, and copy its disks while it runs.',
  facts: ['B1', 'B3'],
  input: routeDisksCopies.extend({
    isWarm: z.boolean(),
    bandwidthMibPerSec: z.number().optional(),
    isEncrypted: z.boolean().default(false),
  }),
  output: z.object({ copiedBytes: z.number() }),
  timing: 'dataCopy',
  errors: [
    'COPY_FAILED',
    'COPY_DIFFERS',
    'TARGET_DISK_FULL',
    'TARGET_STALE',
    'SOURCE_DISK_FULL',
    'SOURCE_STALE',
    'DEFINITION_UNSUPPORTED',
  ],
  undo: {
    name: 'disks.endPrecopy',
    doc: 'Put the source’s disk chain back as it was, with all that was written; remove the copies.',
  },
});
/** Only where the target cannot have the backing file. */
export const flatten = step({
  name: 'disks.flatten',
  doc: 'Convert disks to flat ones on the source, where the target cannot have their backing files.',
  facts: ['C3'],
  input: routeDisksCopies,
  output: z.object({}),
  timing: 'dataCopy',
  errors: ['SOURCE_DISK_FULL'],
  undo: { name: 'disks.removeFlat', doc: 'Remove the flat images from the source.' },
});

/** A copy gets its final name only after it was compared with the original. */
export const transferDisks = step({
  name: 'disks.transfer',
  doc: 'Move the disks on shared storage, else copy and compare them; bring a TPM’s state.',
  facts: ['C4'],
  input: routeDisksCopies.extend({
    /** Folders of state beside the disks: a TPM's. */
    state: z.array(HostPath).default([]),
    /** What was set aside, as it was then. */
    left: z.array(Arrived).default([]),
    /** The disks are there already, and only what was written since is copied. */
    isWarm: z.boolean(),
    bandwidthMibPerSec: z.number().optional(),
    isEncrypted: z.boolean().default(false),
  }),
  output: z.object({ copiedBytes: z.number(), verified: z.array(z.string()) }),
  timing: 'dataCopy',
  errors: [
    'COPY_FAILED',
    'COPY_DIFFERS',
    'CHECKSUM_MISMATCH',
    'TARGET_DISK_FULL',
    'TARGET_STALE',
    'SOURCE_STALE',
  ],
  undo: {
    name: 'disks.removeCopies',
    doc: 'Move shared disks back aside, remove copies and temporary keys.',
  },
});

/** L3: the backing file comes from the image store, or from the source if the store lost it. */
export const prepareDisks = step({
  name: 'disks.prepareTarget',
  doc: 'Make the VM’s directory on the target, fetch missing backing files, create empty disks.',
  facts: ['L3', 'K3'],
  input: RouteAndDisks,
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
