/** The janitor's step. */
import { z } from 'zod';
import { Audited } from '../../model/audit.js';
import { step } from '../kit/step.js';

/** What open migrations have is theirs; what no migration of this drover left is never touched. */
export const audit = step({
  name: 'fleet.audit',
  doc: 'Compare all hosts with the inventory and the open migrations; repair what ended migrations left, if asked for.',
  facts: [],
  input: z.object({ isRepairing: z.boolean() }),
  output: Audited,
  timing: 'dataCopy',
  errors: [],
  undo: { none: 'It removes only what an ended migration has left.' },
});
