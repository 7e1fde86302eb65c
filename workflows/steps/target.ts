/** Steps that choose, reserve and check the target host. */
import { z } from 'zod';
import { HostName } from '../../model/ids.js';
import { TransferOptions } from '../../model/migration.js';
import { Forecast } from '../../model/report.js';
import { Placement } from '../../model/placement.js';
import { Route } from '../../model/route.js';
import { Objection } from '../../model/objection.js';
import { DiskPlan } from '../../model/storage.js';
import { Vm } from '../../model/vm.js';
import { step } from '../kit/step.js';

/** Chooses from fresh facts; a refusal names every host with its reason. */
export const schedule = step({
  name: 'target.schedule',
  doc: 'Choose the target host, or check the requested one.',
  facts: ['F4', 'F5', 'B2', 'B4'],
  input: z.object({
    vm: Vm,
    target: HostName.optional(),
    move: z.enum(['live', 'cold']).default('live'),
    /** Whose rights bound the choice; missing in runs that began before 0.3. */
    requestedBy: z.string().optional(),
    /** Whether all that it sends is. */
    isEncrypted: z.boolean().optional(),
    /** Of the request; the target may have its own. */
    maps: z.array(z.string()).default([]),
    /** Words of objections that the requester accepts: a refusal names the others beside those of the hosts. */
    accepted: z.array(z.string()).default([]),
  }),
  output: z.object({
    target: HostName,
    reason: z.string(),
    diskBytes: z.number(),
    /** What maps say of the guest on that target. */
    placement: Placement.optional(),
  }),
  timing: 'quickQuery',
  errors: ['NO_TARGET', 'BAD_INPUT'],
  undo: 'read-only',
});

/** Two migrations cannot both take the last gigabyte of a host. */
export const claim = step({
  name: 'target.claim',
  doc: 'Reserve memory, vCPUs and disk space on the target, in one transaction.',
  facts: ['B5'],
  input: z.object({
    route: Route,
    memoryBytes: z.number(),
    vcpus: z.number(),
    diskBytes: z.number(),
  }),
  output: z.object({}),
  timing: 'hostChange',
  errors: ['TARGET_FULL', 'MIGRATION_OPEN'],
  undo: { name: 'target.release', doc: 'Release what was reserved on the target.' },
  // A refusal touches nothing, not even the guest's metadata: the mark is written when all checks have passed.
  fence: 'unless another has it',
  // It removes only what has this migration's id, even if the claim itself was refused.
  undoFence: 'open',
});

/** Reports all objections at once, before anything on a host is changed. */
export const precheckTarget = step({
  name: 'target.precheck',
  doc: 'Check the guest and what its definition needs, and CPU, machine type, memory, disk space, networks, addresses and leftovers on the target; let its libvirt try out the definition; forecast the transfer.',
  facts: ['B5', 'B7'],
  input: z.object({
    route: Route,
    vm: Vm,
    disks: z.array(DiskPlan),
    /** What `storage.precheck` found, to be reported together with the rest. */
    objections: z.array(Objection).default([]),
    /** Words of objections that the requester accepts. */
    accepted: z.array(z.string()).default([]),
    /** Secrets that the target lacks are brought later. */
    isCarryingSecrets: z.boolean().default(false),
    /** A live migration is forecast; a cold one has nothing that could fail to converge. */
    live: z.object({ options: TransferOptions, isForecastMeasured: z.boolean() }).optional(),
  }),
  output: z.object({
    forecast: Forecast.optional(),
    /** Accepted words that no objection has: most likely they were mistyped. */
    idle: z.array(z.string()).optional(),
  }),
  timing: 'quickQuery',
  errors: ['TARGET_UNSUITABLE', 'STORAGE_UNSUITABLE', 'DEFINITION_UNSUPPORTED'],
  // The step removes its trial itself; the undo is for one that was ended on its way.
  undo: {
    name: 'target.forgetTrial',
    doc: 'Remove the trial of the definition from the target.',
    since: 'trial-on-target',
  },
  fence: 'also of a plan',
  undoFence: 'also of a plan',
  asksTarget: true,
});
