/** What a dry run shows instead of acting. */
import { z } from 'zod';
import { Planned } from '../kit/shapes.js';
import { step } from '../kit/step.js';

const common = {
  facts: [],
  input: Planned.extend({
    /** The runbook's steps by name, in their order. */
    steps: z.array(z.string()),
  }),
  output: z.object({
    steps: z.array(z.object({ name: z.string(), lines: z.array(z.string()) })),
    xmlDiff: z.string(),
    /** As of definition.render. */
    dropped: z.array(z.string()).default([]),
  }),
  timing: 'quickQuery',
  errors: ['SECURITY_GROUP_UNKNOWN', 'DEFINITION_UNSUPPORTED', 'GUEST_MOVED'],
  undo: 'read-only',
} as const;

/** Not a step of the procedure: it asks the code of each step what it would do. */
export const preview = step({
  ...common,
  name: 'plan.preview',
  doc: 'List what each step would do, with its exact calls and commands, and the difference of the XML.',
});

/** The same for a cold migration, under the name that it has always had. */
export const previewCold = step({
  ...common,
  name: 'plan.previewCold',
  doc: 'List what each step of a cold migration would do, and the difference of the XML.',
});
