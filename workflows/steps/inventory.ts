/** The last step: the inventory learns where the VM is. */
import { z } from 'zod';
import { Route } from '../../model/route.js';
import { step } from '../kit/step.js';

/** The reservation and the mark end here, so no step comes after it. */
export const record = step({
  name: 'inventory.record',
  doc: 'Record the VM as active on the target; the reservation becomes use.',
  facts: ['F16', 'F19'],
  input: z.object({ route: Route }),
  output: z.object({}),
  timing: 'forward',
  errors: ['VM_UNKNOWN', 'DEFINITION_UNSUPPORTED', 'GUEST_NOT_ON_TARGET'],
  undo: { none: 'It only records where the guest is.' },
  // Its own retry finds the mark gone.
  fence: 'may find it gone',
});
