/** `vm.lookup`: the inventory's record, then the domain itself. */
import { CodedError } from '../../model/errors.js';
import { isActive } from '../../model/vm.js';
import { lookup } from '../../workflows/steps/request.js';
import { implement } from '../kit/implement.js';
import { readVm } from '../kit/read-vm.js';

/** F3. */
export const lookupActivity = implement(lookup, ({ inventory, dataCentre }) => ({
  async run({ vm: wanted }) {
    const known = await inventory.vm(wanted);
    const drivers = await dataCentre.on(known.host);
    const guest = await drivers.hypervisor.find(known.uuid);
    if (!guest) {
      throw new CodedError(
        'GUEST_MOVED',
        `${known.name} is not on ${known.host}, where the inventory has it`,
        {
          hint: `Say: drover discover, then try again.`,
          facts: { host: known.host },
        },
      );
    }
    if (!isActive(guest.state) || guest.state === 'shutdown') {
      throw new CodedError(
        'GUEST_NOT_RUNNING',
        `${known.name} is ${guest.state} on ${known.host}; a live migration needs it running`,
        {
          hint: 'Start it first, or migrate it cold.',
          facts: { host: known.host, state: guest.state },
        },
      );
    }
    const { vm } = await readVm(drivers, guest);
    return { vm };
  },
}));
