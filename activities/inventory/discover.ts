/** `host.discover`: facts, and every domain as a VM record. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import type { GuestOnHost } from '../../drivers/hypervisor.js';
import { messageOf } from '../../model/errors.js';
import { isActive } from '../../model/vm.js';
import { discover } from '../../workflows/steps/inventory.js';
import { implement } from '../kit/implement.js';
import { readVm } from '../kit/read-vm.js';
import { readFacts } from '../target/schedule.js';

/** A domain that cannot be read is named with its reason; the others are adopted all the same. */
export const discoverActivity = implement(discover, ({ inventory, dataCentre }) => ({
  async run({ host }) {
    const drivers = await dataCentre.on(host);
    const [facts, guests] = await Promise.all([readFacts(drivers), drivers.hypervisor.guests()]);
    await inventory.putFacts(host, facts);
    const known = await inventory.vms();
    const runsElsewhere = (guest: GuestOnHost) =>
      isActive(guest.state)
        ? undefined
        : known.find((vm) => vm.uuid === guest.uuid && vm.host !== host && isActive(vm.state));
    const read = await Promise.all(
      guests.map(async (guest) => {
        const other = runsElsewhere(guest);
        return other
          ? { passedOver: `${guest.name}: defined here, but it runs on ${other.host}` }
          : tryRead(drivers, guest);
      }),
    );
    const vms = read.flatMap((result) => ('vm' in result ? [result] : []));
    for (const { vm, xml } of vms) await inventory.putVm(vm, xml);
    await inventory.forgetOthers(
      host,
      guests.map(({ uuid }) => uuid),
    );
    return {
      host,
      vms: vms.map(({ vm }) => ({ name: vm.name, state: vm.state })),
      passedOver: read.flatMap((result) => ('passedOver' in result ? [result.passedOver] : [])),
    };
  },
}));

async function tryRead(drivers: HostDrivers, guest: GuestOnHost) {
  try {
    return await readVm(drivers, guest);
  } catch (error) {
    return { passedOver: `${guest.name}: ${messageOf(error)}` };
  }
}
