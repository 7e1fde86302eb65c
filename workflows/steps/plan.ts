/** What a dry run shows instead of acting. */
import { z } from 'zod';
import { Route, TransferOptions } from '../../model/migration.js';
import { DiskPlan } from '../../model/storage.js';
import { Port } from '../../model/network.js';
import { step } from '../kit/step.js';

/** Not a step of the procedure: it asks the same code that would act for its exact calls. */
export const preview = step({
  name: 'plan.preview',
  doc: 'List the exact calls and commands of each step, and the difference of the XML.',
  facts: [],
  input: z.object({
    route: Route,
    disks: z.array(DiskPlan),
    ports: z.array(Port),
    liveXml: z.string(),
    options: TransferOptions,
  }),
  output: z.object({
    steps: z.array(z.object({ name: z.string(), lines: z.array(z.string()) })),
    xmlDiff: z.string(),
  }),
  timing: 'quickQuery',
  errors: ['SECURITY_GROUP_UNKNOWN'],
  undo: 'read-only',
});
