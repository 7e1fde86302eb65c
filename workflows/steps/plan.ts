/** What a dry run shows instead of acting. */
import { z } from 'zod';
import { CopyPlan } from '../../model/copy.js';
import { ColdOptions, Route, TransferOptions } from '../../model/migration.js';
import { DiskPlan } from '../../model/storage.js';
import { Port } from '../../model/network.js';
import { PowerState } from '../../model/vm.js';
import { step } from '../kit/step.js';

const planned = z.object({
  steps: z.array(z.object({ name: z.string(), lines: z.array(z.string()) })),
  xmlDiff: z.string(),
  /** As of definition.render. */
  dropped: z.array(z.string()).default([]),
});

/** Not a step of the procedure: it asks the same code that would act for its exact calls. */
export const preview = step({
  name: 'plan.preview',
  doc: 'List the exact calls and commands of each step, and the difference of the XML.',
  facts: [],
  input: z.object({
    route: Route,
    disks: z.array(DiskPlan),
    ports: z.array(Port),
    options: TransferOptions,
  }),
  output: planned,
  timing: 'quickQuery',
  errors: ['SECURITY_GROUP_UNKNOWN', 'DEFINITION_UNSUPPORTED', 'GUEST_MOVED'],
  undo: 'read-only',
});

/** The same for a cold migration. */
export const previewCold = step({
  name: 'plan.previewCold',
  doc: 'List the exact calls and commands of each step of a cold migration, and the difference of the XML.',
  facts: [],
  input: z.object({
    route: Route,
    disks: z.array(DiskPlan),
    ports: z.array(Port),
    copies: z.array(CopyPlan),
    power: PowerState,
    options: ColdOptions,
  }),
  output: planned,
  timing: 'quickQuery',
  errors: ['SECURITY_GROUP_UNKNOWN', 'DEFINITION_UNSUPPORTED', 'GUEST_MOVED'],
  undo: 'read-only',
});
