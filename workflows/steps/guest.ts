/** Steps about the guest itself: off, on, where it is, and whose it is. */
import { z } from 'zod';
import { CopyPlan } from '../../model/copy.js';
import { HostPath } from '../../model/ids.js';
import { Route } from '../../model/route.js';
import { SecretRef } from '../../model/secret.js';
import { DiskPlan } from '../../model/storage.js';
import { Arrived } from '../../model/arrived.js';
import { PowerState } from '../../model/vm.js';
import { step } from '../kit/step.js';
import { AsRead } from './definition.js';
import { SIDES } from '../../model/side.js';

/** The power state before the move is part of the input: a second call would see the guest off already. */
export const powerOff = step({
  name: 'guest.powerOff',
  doc: 'Shut the guest down in order, or destroy it at the deadline; it will not start by itself.',
  facts: ['C1'],
  input: z.object({
    route: Route,
    power: PowerState,
    isAutostart: z.boolean(),
    shutdownSeconds: z.number(),
  }),
  output: z.object({ how: z.enum(['was off', 'shut down', 'destroyed']).optional() }),
  timing: 'dataCopy',
  errors: ['GUEST_MOVED', 'GUEST_NOT_OFF', 'VOLUME_IN_USE'],
  undo: { name: 'guest.powerOn', doc: 'Start the guest on the source again, if it ran before.' },
});
/** The source is asked first: a guest never runs twice. */
export const startTarget = step({
  name: 'guest.start',
  doc: 'Start the guest on the target, if it ran before.',
  facts: [],
  input: z.object({
    route: Route,
    power: PowerState,
    /** Nobody else may have its volumes open. */
    disks: z.array(DiskPlan).default([]),
  }),
  output: z.object({}),
  timing: 'hostChange',
  errors: ['GUEST_NOT_OFF', 'VOLUME_IN_USE'],
  undo: { name: 'guest.stopTarget', doc: 'Destroy the guest on the target.' },
  asksTarget: true,
});
/** A guest whose QEMU dies in its first moments has not arrived. */
export const verify = step({
  name: 'guest.verify',
  doc: 'Make sure that the guest stays as it should be on the target.',
  facts: [],
  input: z.object({
    route: Route,
    power: PowerState,
    disks: z.array(DiskPlan).default([]),
    /** Folders of state beside the disks: a TPM's. */
    state: z.array(HostPath).default([]),
    copies: z.array(CopyPlan).default([]),
    /** The memory of its snapshots. */
    snapshotFiles: z.array(HostPath).default([]),
    /** What was set aside, and a TPM's state, as they were then. */
    left: z.array(Arrived).default([]),
  }),
  output: z.object({
    state: z.string(),
    /** The files that were copied, as `guest.confirm` must find them again. */
    arrived: z.array(Arrived).default([]),
  }),
  timing: 'quickQuery',
  errors: ['GUEST_NOT_ON_TARGET', 'SOURCE_STALE'],
  undo: {
    name: 'guest.checkWayBack',
    doc: 'Look whether all that the guest goes back to is still there, before anything of the target is taken.',
    since: 'way-back-first',
  },
});

const confirmation = {
  input: z.object({
    route: Route,
    power: PowerState,
    disks: z.array(DiskPlan).default([]),
    /** Without them no disk opens. */
    secrets: z.array(SecretRef).default([]),
    /** Folders of state beside the disks: a TPM's. */
    state: z.array(HostPath).default([]),
    /** What `guest.verify` has seen; runs of the release before 0.3 have not looked. */
    arrived: z.array(Arrived).default([]),
    /** The source's definition as it was rendered; a change since would go with it. */
    asRead: AsRead.optional(),
  }),
  output: z.object({ isMoved: z.literal(true) }),
  timing: 'forward',
} as const;

/** An operator knows what somebody has changed on the source meanwhile. All else is looked at as before. */
export const confirmChanged = step({
  ...confirmation,
  name: 'guest.confirmChanged',
  doc: 'On an operator’s decision: confirm, although the source’s definition was changed during the move.',
  facts: [],
  errors: ['GUEST_NOT_ON_TARGET'],
  undo: { none: 'An operator has decided.' },
});

/** Until here the source's copy is whole and can be started; from here it is surplus. */
export const confirm = step({
  ...confirmation,
  name: 'guest.confirm',
  doc: 'Make sure, once more, that the guest and its disks are the target’s and that the source has nothing running, and nothing new in its definition.',
  facts: [],
  errors: ['GUEST_NOT_ON_TARGET', 'DEFINITION_CHANGED'],
  undo: {
    pivot:
      'The move is confirmed: the source’s copy is removed, so there is nothing to go back to.',
    passed: () => true,
    forward: confirmChanged,
  },
});

const side = z.enum(SIDES);

const location = {
  input: z.object({ route: Route }),
  output: z.object({ runsOn: z.enum(['source', 'target']), source: side, target: side }),
  timing: 'forward',
  errors: ['LOCATION_UNDECIDED'],
} as const;

/** An operator decides where no rule does. It never ends a running guest. */
export const settleOnTarget = step({
  ...location,
  name: 'guest.settleOnTarget',
  doc: 'On an operator’s decision: end the paused copy on the source; the guest is the target’s.',
  facts: [],
  undo: { none: 'An operator has decided.' },
});

/** The pivot is a fact about the world, found by asking both hosts. */
export const locate = step({
  ...location,
  name: 'guest.locate',
  doc: 'Ask both hosts where the guest runs.',
  facts: [],
  undo: {
    pivot: 'Once the guest runs on the target, taking anything back could only harm it.',
    passed: ({ runsOn }) => runsOn === 'target',
    forward: settleOnTarget,
  },
  asksTarget: true,
});
