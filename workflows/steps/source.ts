/** Steps that remove the source's copy. */
import { z } from 'zod';
import { Arrived } from '../../model/arrived.js';
import { Route } from '../../model/route.js';
import { DiskPlan } from '../../model/storage.js';
import { AsRead } from './definition.js';
import { step } from '../kit/step.js';
import { HostPath } from '../../model/ids.js';
import { PowerState } from '../../model/vm.js';

/** Asks both hosts once more itself before it destroys anything. */
export const destroySource = step({
  name: 'source.destroy',
  doc: 'Remove the definition and the copied disks from the source.',
  facts: ['F17'],
  input: z.object({
    route: Route,
    disks: z.array(DiskPlan),
    /** The definition that was rendered: one that was changed since is not removed. */
    asRead: AsRead.optional(),
  }),
  output: z.object({
    /** What stays on the source, because others use it. */
    kept: z.array(z.string()).optional(),
    /** What was not there any more, so that this step has not removed it. */
    gone: z.array(z.string()).optional(),
  }),
  timing: 'forward',
  errors: ['GUEST_NOT_ON_TARGET', 'DEFINITION_CHANGED'],
  undo: { none: 'What is removed is a copy that the guest no longer uses.' },
});
/** For a cold migration: the definition goes first, what was set aside last. */
export const discardSource = step({
  name: 'source.discard',
  doc: 'Remove the definition and what was set aside from the source; the files on the target stay.',
  facts: ['F17'],
  input: z.object({
    route: Route,
    power: PowerState,
    disks: z.array(DiskPlan),
    state: z.array(HostPath).default([]),
    snapshotFiles: z.array(HostPath).default([]),
    /** What was set aside, as it was then: another file under such a name is somebody else's. */
    left: z.array(Arrived).default([]),
    /** The requester said that a saved memory may go. */
    isSavedStateDiscarded: z.boolean().default(false),
  }),
  output: z.object({
    /** What stays on the source, because others use it. */
    kept: z.array(z.string()).optional(),
    /** What was not there any more, so that this step has not removed it. */
    gone: z.array(z.string()).optional(),
  }),
  timing: 'forward',
  errors: ['GUEST_NOT_ON_TARGET'],
  undo: { none: 'The move is confirmed.' },
});
