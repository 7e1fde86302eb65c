/** `host.discover`: facts, and every domain as a VM record. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import { CodedError, messageOf } from '../../model/errors.js';
import { objectionText } from '../../model/objection.js';
import { isActive, type Vm } from '../../model/vm.js';
import { discover } from '../../workflows/steps/host.js';
import { implement } from '../kit/implement.js';
import { readVm } from '../vm/read.js';
import { readFacts } from './facts.js';

/** Records every domain with its objections. One that vanishes or fails while it is read is reported with the reason. */
export const discoverActivity = implement(discover, ({ inventory, dataCentre }) => ({
  async run({ host }) {
    const drivers = await dataCentre.on(host);
    const [facts, guests] = await Promise.all([readFacts(drivers), drivers.hypervisor.guests()]);
    await inventory.putFacts(host, facts);
    const elsewhere = runningElsewhere(host, await inventory.vms());
    const read = await Promise.all(
      guests.map(async (guest) => {
        const other = isActive(guest.state) ? undefined : elsewhere.get(guest.uuid);
        return other
          ? { passedOver: `${guest.name}: defined here, but it runs on ${other}` }
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
      vms: vms.map(({ vm }) => ({
        name: vm.name,
        state: vm.state,
        tiedBy: vm.objections.map(objectionText),
      })),
      passedOver: read.flatMap((result) => ('passedOver' in result ? [result.passedOver] : [])),
    };
  },
}));

const runningElsewhere = (host: string, vms: readonly Vm[]): Map<string, string> =>
  new Map(
    vms.filter((vm) => vm.host !== host && isActive(vm.state)).map((vm) => [vm.uuid, vm.host]),
  );

async function tryRead(drivers: HostDrivers, guest: GuestOnHost) {
  try {
    return await readVm(drivers, guest);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { passedOver: `${guest.name}: ${messageOf(error)}` };
  }
}
