/** What drover has recorded of a VM. */
import type { Inventory } from '../../inventory/inventory.js';
import { CodedError } from '../../model/errors.js';
import type { Vm } from '../../model/vm.js';

/** The record, by name or UUID; nothing of a VM that drover does not know, or has forgotten since. */
export const knownVm = (inventory: Inventory, vm: string): Promise<Vm | undefined> =>
  inventory.vm(vm).catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'VM_UNKNOWN') return undefined;
    throw error;
  });
