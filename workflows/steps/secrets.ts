/** Steps about secrets of libvirt's that a guest's disks need. */
import { z } from 'zod';
import { Route } from '../../model/route.js';
import { Vm } from '../../model/vm.js';
import { RouteAndDisks } from '../kit/shapes.js';
import { step } from '../kit/step.js';

/** Before anything else is made on the target: it tries out the definition again, which needs the keys. */
export const carrySecrets = step({
  name: 'secrets.carryToTarget',
  doc: 'With --carry-secrets: bring the secrets that the target lacks, by libvirt’s own API, and let its libvirt try out the definition.',
  facts: [],
  input: RouteAndDisks.extend({ vm: Vm, move: z.enum(['live', 'cold']) }),
  output: z.object({ carried: z.array(z.string()) }),
  timing: 'hostChange',
  errors: ['STORAGE_UNSUITABLE', 'TARGET_UNSUITABLE'],
  undo: {
    name: 'secrets.forgetOnTarget',
    doc: 'Remove the secrets that this migration has brought to the target.',
  },
});

/** Until here they were marked as this migration's. */
export const keepSecrets = step({
  name: 'secrets.keepOnTarget',
  doc: 'With --carry-secrets: let the secrets that came with the guest stay on the target for good.',
  facts: [],
  input: z.object({ route: Route, vm: Vm }),
  output: z.object({}),
  timing: 'forward',
  errors: [],
  undo: { none: 'The guest runs on the target and needs them.' },
});
