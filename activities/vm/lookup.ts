/** `vm.lookup`: the inventory's record, then the domain itself. */
import { CodedError } from '../../model/errors.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import { variablesIn } from '../../model/storage.js';
import { isActive, type Vm } from '../../model/vm.js';
import { lookup } from '../../workflows/steps/vm.js';
import { implement } from '../kit/implement.js';
import { changeObjections } from './owned.js';
import { readForMove } from './read.js';

/** The inventory says which host to ask; the host says what the guest is. */
export const lookupActivity = implement(lookup, ({ inventory, dataCentre }) => ({
  async run({ vm: wanted, move }) {
    const known = await inventory.vm(wanted);
    const drivers = await dataCentre.on(known.host);
    const guest = await drivers.hypervisor.find(known.uuid);
    if (!guest) {
      throw new CodedError(
        'GUEST_MOVED',
        `${known.name} is not on ${known.host}, where the inventory has it`,
        {
          hint: 'Run `drover discover`, then try again.',
          facts: { host: known.host },
        },
      );
    }
    refuseAnother(known, guest);
    if (move === 'cold') return { vm: asKnown(known, await readForColdMove(drivers, guest)) };
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
    return { vm: withVariables(asKnown(known, await readForMove(drivers, guest, 'live'))) };
  },
}));

/** Under the same UUID another guest may have been defined since. @throws GUEST_MOVED */
function refuseAnother(known: Vm, guest: GuestOnHost): void {
  if (guest.name === known.name) return;
  throw new CodedError(
    'GUEST_MOVED',
    `what ${known.host} has under the UUID of ${known.name} is called ${guest.name} by now`,
    { hint: 'If it is the guest that you mean, run `drover discover`, then move it by that name.' },
  );
}

/** The policy has judged the recorded project: what the definition says otherwise keeps the guest where it is. */
const asKnown = (known: Vm, vm: Vm): Vm => ({
  ...vm,
  objections: [...vm.objections, ...changeObjections(known, vm, vm.host)],
});

/**
 * A UEFI guest's variables travel as one more file. Live, QEMU writes them on the target from the guest's memory; what is
 * made beforehand is an empty file of their size.
 */
function withVariables({ nvram, ...vm }: Vm): Vm {
  if (!nvram) return vm;
  return { ...vm, nvram, disks: [...vm.disks, variablesIn(nvram)] };
}

/** A transient guest has no definition that would survive the power-off: that is one of its objections. */
async function readForColdMove(drivers: HostDrivers, guest: GuestOnHost): Promise<Vm> {
  const vm = await readForMove(drivers, guest, 'cold');
  // libvirt makes them at the first start: until then there is nothing to carry.
  const isMade = vm.nvram && (await drivers.storage.files.existing([vm.nvram])).length > 0;
  return isMade ? withVariables(vm) : vm;
}
