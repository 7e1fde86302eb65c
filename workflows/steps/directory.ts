/** The VM’s directory on the source. */
import { z } from 'zod';
import { HostPath } from '../../model/ids.js';
import { Arrived } from '../../model/arrived.js';
import { CopyPlan } from '../../model/copy.js';
import { RouteAndDisks } from '../kit/shapes.js';
import { step } from '../kit/step.js';

/** Renamed, neither copied nor removed: the way back is one more rename. */
export const setAside = step({
  name: 'directory.setAside',
  doc: 'Rename the VM’s directory on the source from X to X_resize: nothing can start it there by mistake.',
  facts: ['C2'],
  input: RouteAndDisks.extend({
    /** Words of objections that the requester accepts. */
    accepted: z.array(z.string()).default([]),
    copies: z.array(CopyPlan).default([]),
    /** Runs that began before this was asked do not say. */
    isWarm: z.boolean().optional(),
    /** Folders of state beside the disks: a TPM's. */
    state: z.array(HostPath).default([]),
  }),
  output: z.object({
    renamed: z.array(z.string()).optional(),
    /** What is copied from there, and a TPM's state, as they are now: the way back, to which nobody writes. */
    left: z.array(Arrived).default([]),
  }),
  timing: 'hostChange',
  errors: ['GUEST_NOT_OFF', 'SOURCE_STALE', 'FILE_IN_USE'],
  undo: { name: 'directory.putBack', doc: 'Rename the VM’s directory on the source back.' },
});
