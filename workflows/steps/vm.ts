/** What the VM is, before anything is decided. */
import { z } from 'zod';
import { VmName, VmUuid } from '../../model/ids.js';
import { Vm } from '../../model/vm.js';
import { step } from '../kit/step.js';

/** Reads the live domain too, so an outdated inventory is noticed here. */
export const lookup = step({
  name: 'vm.lookup',
  doc: 'Look the VM up and read its disks and ports from the host where it runs.',
  facts: ['F3'],
  input: z.object({
    vm: z.union([VmUuid, VmName]),
    /** A cold migration also takes a guest that is off. */
    move: z.enum(['live', 'cold']).default('live'),
  }),
  output: z.object({ vm: Vm }),
  timing: 'quickQuery',
  errors: ['VM_UNKNOWN', 'GUEST_MOVED', 'GUEST_NOT_RUNNING', 'DEFINITION_UNSUPPORTED'],
  undo: 'read-only',
});

/** One guest has one id, whatever name it was asked for by. */
export const resolve = step({
  name: 'vm.resolve',
  doc: 'Find the VM’s UUID in the inventory.',
  facts: [],
  input: z.object({ vm: z.union([VmUuid, VmName]) }),
  output: z.object({ uuid: VmUuid, name: VmName }),
  timing: 'quickQuery',
  errors: ['VM_UNKNOWN'],
  undo: 'read-only',
});
