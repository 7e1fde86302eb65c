/** The last steps: the source's copy goes, and the inventory learns where the VM is. */
import { z } from 'zod';
import { Route } from '../../model/migration.js';
import { DiskPlan } from '../../model/storage.js';
import { step } from '../kit/step.js';

/** F17. Asks both hosts once more itself before it destroys anything. */
export const destroySource = step({
  name: 'source.destroy',
  doc: 'Remove the definition and the copied disks from the source.',
  facts: ['F17'],
  input: z.object({ route: Route, disks: z.array(DiskPlan) }),
  output: z.object({
    /** What stays on the source, because others use it. */
    kept: z.array(z.string()).optional(),
  }),
  timing: 'forward',
  errors: ['GUEST_NOT_ON_TARGET'],
  undo: { none: 'What is removed is a copy that the guest no longer uses.' },
});

/** F16 F19. */
export const record = step({
  name: 'inventory.record',
  doc: 'Record the VM as active on the target; the reservation becomes use.',
  facts: ['F16', 'F19'],
  input: z.object({ route: Route }),
  output: z.object({}),
  timing: 'forward',
  errors: ['VM_UNKNOWN', 'DEFINITION_UNSUPPORTED', 'GUEST_NOT_ON_TARGET'],
  undo: { none: 'It states what is true.' },
  // Its own retry finds the mark gone.
  fence: 'may find it gone',
});
