/** `host.enforceGroups`: the bindings of the guests that run on a host now. */
import { isActive } from '../../model/vm.js';
import { enforceGroups } from '../../workflows/steps/inventory.js';
import { implement } from '../kit/implement.js';
import { readVm } from '../kit/read-vm.js';

/** Ports without a group keep the network they have: adopting a VM changes nothing about it. */
export const enforceGroupsActivity = implement(enforceGroups, ({ inventory, dataCentre }) => ({
  async run({ host }) {
    const drivers = await dataCentre.on(host);
    const guests = (await drivers.hypervisor.guests()).filter(({ state }) => isActive(state));
    const vms = await Promise.all(guests.map((guest) => readVm(drivers, guest)));
    const ports = vms.flatMap(({ vm }) => vm.ports).filter(({ groups }) => groups.length > 0);
    await drivers.network.bind(ports, await inventory.groups());
    await drivers.network.activate(ports);
    return { host, ports: ports.length };
  },
}));
