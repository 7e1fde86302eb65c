/** `inventory.record`: the VM as the target shows it; the claim ends. */
import { CodedError } from '../../model/errors.js';
import { record } from '../../workflows/steps/inventory.js';
import { dropMark } from '../kit/fence.js';
import { implement } from '../kit/implement.js';
import { readVm } from '../vm/read.js';

/** F16 F19. The new use is recorded before the claim goes, so that the memory is never free in between. */
export const recordActivity = implement(record, ({ inventory, dataCentre }) => ({
  async run({ route }) {
    const target = await dataCentre.on(route.target);
    const guest = await target.hypervisor.find(route.uuid);
    if (!guest)
      throw new CodedError('GUEST_NOT_ON_TARGET', `${route.name} is no longer on ${route.target}`, {
        hint: 'Look at the host.',
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
