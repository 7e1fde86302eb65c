/** Steps of a cold migration about the guest itself: off on the source, on on the target, and the end of both. */
import { z } from 'zod';
import { HostPath } from '../../model/ids.js';
import { Route } from '../../model/migration.js';
import { DiskPlan } from '../../model/storage.js';
import { Port } from '../../model/network.js';
import { PowerState } from '../../model/vm.js';
import { step } from '../kit/step.js';
import { Rendered } from './definition.js';

/** C1. What it was before is handed in, so that a second call does not take its own work for the start. */
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
  errors: ['GUEST_MOVED', 'GUEST_NOT_OFF'],
  undo: { name: 'guest.powerOn', doc: 'Start the guest on the source again, if it ran before.' },
});

/** L5 F14 for a guest that does not run. */
export const defineTarget = step({
  name: 'definition.define',
  doc: 'Define the domain on the target.',
  facts: ['L5', 'F14'],
  input: z
    .object({ route: Route, ports: z.array(Port).default([]), isAutostart: z.boolean() })
    .extend(Rendered.shape),
  output: z.object({}),
  timing: 'hostChange',
  errors: ['RENDERING_CHANGED', 'DEFINITION_UNSUPPORTED', 'GUEST_MOVED'],
  undo: {
    name: 'definition.undefineTarget',
    doc: 'Remove the domain’s definition from the target.',
  },
  asksTarget: true,
});

/** The source is asked first: a guest never runs twice. */
export const startTarget = step({
  name: 'guest.start',
  doc: 'Start the guest on the target, if it ran before.',
  facts: [],
  input: z.object({ route: Route, power: PowerState }),
  output: z.object({}),
  timing: 'hostChange',
  errors: ['GUEST_NOT_OFF'],
  undo: { name: 'guest.stopTarget', doc: 'Destroy the guest on the target.' },
  asksTarget: true,
});

/** F15. */
export const rebind = step({
  name: 'network.rebind',
  doc: 'Activate the ports’ bindings on the target.',
  facts: ['F15'],
  input: z.object({ route: Route, ports: z.array(Port), power: PowerState }),
  output: z.object({}),
  timing: 'hostChange',
  errors: ['BINDING_FAILED'],
  undo: { none: 'The binding goes, active or not, with what network.bindTarget made.' },
});

/** A guest whose QEMU dies in its first moments has not arrived. */
export const verify = step({
  name: 'guest.verify',
  doc: 'Make sure that the guest stays as it should be on the target.',
  facts: [],
  input: z.object({ route: Route, power: PowerState }),
  output: z.object({ state: z.string() }),
  timing: 'quickQuery',
  errors: ['GUEST_NOT_ON_TARGET'],
  undo: 'read-only',
});

/** Until here the source's copy is whole and can be started; from here it is surplus. */
export const confirm = step({
  name: 'guest.confirm',
  doc: 'Make sure, once more, that the guest is the target’s and that the source has nothing running.',
  facts: [],
  input: z.object({ route: Route, power: PowerState }),
  output: z.object({ isMoved: z.literal(true) }),
  timing: 'forward',
  errors: ['GUEST_NOT_ON_TARGET'],
  undo: {
    pivot:
      'The move is confirmed: the source’s copy is removed, so there is nothing to go back to.',
    passed: () => true,
  },
});

/** F17 for a cold migration: what was set aside goes last. */
export const discardSource = step({
  name: 'source.discard',
  doc: 'Remove the definition and what was set aside from the source; what stands on the target is its own.',
  facts: ['F17'],
  input: z.object({
    route: Route,
    power: PowerState,
    disks: z.array(DiskPlan),
    state: z.array(HostPath).default([]),
    /** The requester said that a saved memory may go. */
    isSavedStateDiscarded: z.boolean().default(false),
  }),
  output: z.object({
    /** What stays on the source, because others use it. */
    kept: z.array(z.string()).optional(),
  }),
  timing: 'forward',
  errors: ['GUEST_NOT_ON_TARGET'],
  undo: { none: 'The move is confirmed.' },
});
