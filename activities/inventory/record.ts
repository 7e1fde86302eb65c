/** `inventory.record`: the VM as the target shows it; the claim ends. */
import { CodedError } from '../../model/errors.js';
import { record } from '../../workflows/steps/inventory.js';
import { dropMark } from '../kit/fence.js';
import { implement } from '../kit/implement.js';
import { readVm } from '../vm/read.js';

/** Records the VM on the target before it releases the claim, so that its memory is never counted as free in between. */
export const recordActivity = implement(record, ({ inventory, dataCentre }) => ({
  async run({ route }) {
    const target = await dataCentre.on(route.target);
    const guest = await target.hypervisor.find(route.uuid);
    if (!guest)
      throw new CodedError('GUEST_NOT_ON_TARGET', `${route.name} is no longer on ${route.target}`, {
        hint: `Check virsh list --all on ${route.target}.`,
      });
    await target.rendered.remove(route.migrationId);
    await dropMark(target, route);
    const { vm, xml } = await readVm(target, guest);
    await inventory.putVm(vm, xml);
    await inventory.release(route.migrationId);
    return {};
  },
  describe: ({ route }) => [`record ${route.name} on ${route.target}; the reservation ends`],
}));
