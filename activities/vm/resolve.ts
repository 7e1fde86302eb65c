/** `vm.resolve`. */
import { resolve } from '../../workflows/steps/vm.js';
import { implement } from '../kit/implement.js';

/** By the inventory alone: hosts are asked when something is done. */
export const resolveActivity = implement(resolve, ({ inventory }) => ({
  async run({ vm }) {
    const { uuid, name } = await inventory.vm(vm);
    return { uuid, name };
  },
}));
