/** The audit's step. */
import { z } from 'zod';
import { Audited } from '../../model/audit.js';
import { step } from '../kit/step.js';

/** Never touches what belongs to an open migration, or what no migration of this drover made. */
export const audit = step({
  name: 'fleet.audit',
  doc: 'Compare all hosts with the inventory and the open migrations; repair what ended migrations left, if requested.',
  facts: [],
  input: z.object({ isRepairing: z.boolean() }),
  output: Audited,
  timing: 'dataCopy',
  errors: [],
  undo: { none: 'It removes only what an ended migration has left.' },
});
