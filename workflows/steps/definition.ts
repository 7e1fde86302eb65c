/** Steps about the domain's XML. */
import { z } from 'zod';
import { Arrived } from '../../model/arrived.js';
import { CopyPlan } from '../../model/copy.js';
import { HostPath } from '../../model/ids.js';
import { Route } from '../../model/route.js';
import { DiskPlan } from '../../model/storage.js';
import { Port } from '../../model/network.js';
import { step } from '../kit/step.js';

/**
 * What a rendering left on the target: digests only, since the text holds console passwords. The texts themselves are those of
 * runs that began before 0.2, which have them in their history.
 */
export const Rendered = z.object({
  digests: z.object({ live: z.string().optional(), persistent: z.string() }).optional(),
  liveXml: z.string().optional(),
  persistentXml: z.string().optional(),
  /** Drives that arrive empty. */
  ejected: z.array(z.string()).optional(),
  /** What the checks have seen of the definition. */
  seen: z.array(z.string()).optional(),
});
export type Rendered = z.infer<typeof Rendered>;

/** A digest of each portion of the source's definition when it was rendered, by the portion's name. */
export const AsRead = z.record(z.string(), z.string());
export type AsRead = z.infer<typeof AsRead>;

/** Rendered before the transfer starts, so that a refusal costs nothing. */
export const render = step({
  name: 'definition.render',
  doc: 'Render the domain’s XML for the target, and leave it there for the steps that need it.',
  facts: ['L5', 'F14'],
  input: z.object({
    route: Route,
    disks: z.array(DiskPlan),
    ports: z.array(Port),
    /** A cold move needs no XML of the guest as it runs. */
    isLive: z.boolean().default(true),
    ejected: z.array(z.string()).optional(),
    seen: z.array(z.string()).optional(),
  }),
  output: Rendered.extend({
    isPersistent: z.boolean(),
    changes: z.array(z.string()),
    /** What the guest loses on the target: pinning, NUMA nodes, a partition. */
    dropped: z.array(z.string()).default([]),
    /** None of a guest without a definition, nor of releases that did not look. */
    asRead: AsRead.optional(),
  }),
  timing: 'hostChange',
  errors: ['DEFINITION_UNSUPPORTED', 'DEFINITION_CHANGED', 'GUEST_MOVED'],
  undo: {
    name: 'definition.removeRendered',
    doc: 'Remove the rendered XML from the target.',
    since: 'rendered-on-target',
  },
});

/** A guest that arrives live is transient: until it is defined, the target would forget it at a restart. */
export const persist = step({
  name: 'definition.persist',
  doc: 'Define the domain on the target, so that it survives a restart of the host.',
  facts: ['L5', 'F14'],
  input: z
    .object({
      route: Route,
      disks: z.array(DiskPlan),
      ports: z.array(Port).default([]),
      isPersistent: z.boolean(),
      isAutostart: z.boolean(),
    })
    .extend(Rendered.shape),
  output: z.object({}),
  timing: 'forward',
  errors: [
    'GUEST_NOT_ON_TARGET',
    'RENDERING_CHANGED',
    'DEFINITION_UNSUPPORTED',
    'DEFINITION_CHANGED',
    'GUEST_MOVED',
  ],
  undo: { none: 'The guest runs on the target: its definition belongs there.' },
  asksTarget: true,
});

/** For a guest that does not run: it is defined first and started from that definition. */
export const defineTarget = step({
  name: 'definition.define',
  doc: 'Define the domain on the target.',
  facts: ['L5', 'F14'],
  input: z
    .object({
      route: Route,
      ports: z.array(Port).default([]),
      disks: z.array(DiskPlan).default([]),
      copies: z.array(CopyPlan).default([]),
      /** Folders of state beside the disks, which go with the definition: a TPM's. */
      state: z.array(HostPath).default([]),
      /** What was set aside, and a TPM's state, as they were then. */
      left: z.array(Arrived).default([]),
      isAutostart: z.boolean(),
    })
    .extend(Rendered.shape),
  output: z.object({}),
  timing: 'hostChange',
  errors: [
    'RENDERING_CHANGED',
    'DEFINITION_UNSUPPORTED',
    'DEFINITION_CHANGED',
    'GUEST_MOVED',
    'SOURCE_STALE',
  ],
  undo: {
    name: 'definition.undefineTarget',
    doc: 'Remove the domain’s definition from the target.',
  },
  asksTarget: true,
});
