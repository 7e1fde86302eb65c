/** `inventory.record`: the VM as the target shows it; the claim ends. */
import { defined } from '../../model/defined.js';
import type { Inventory } from '../../inventory/inventory.js';
import { CodedError } from '../../model/errors.js';
import type { Vm } from '../../model/vm.js';
import { record } from '../../workflows/steps/inventory.js';
import { dropMark } from '../kit/fence.js';
import { implement } from '../kit/implement.js';
import { knownVm } from '../vm/known.js';
import { withOwned } from '../vm/owned.js';
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
    await inventory.putVm(await asRecorded(inventory, vm), xml);
    await inventory.release(route.migrationId);
    return {};
  },
  describe: ({ route }) => [`record ${route.name} on ${route.target}; the reservation ends`],
}));

/** What somebody has written into the metadata meanwhile is not drover's word. */
async function asRecorded(inventory: Inventory, vm: Vm): Promise<Vm> {
  // Somebody may have discovered the source meanwhile, where it no longer is.
  const known = await knownVm(inventory, vm.uuid);
  if (!known) return vm;
  const { antiAffinity: _seen, ...rest } = vm;
  const { project, antiAffinity } = known;
  return { ...rest, project, ports: withOwned(known, vm.ports), ...defined({ antiAffinity }) };
}
