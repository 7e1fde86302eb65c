/** `host.enforceGroups`: the bindings of the guests that run on a host now. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import type { GuestOnHost } from '../../drivers/hypervisor.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { Port, SecurityGroup } from '../../model/network.js';
import { isActive } from '../../model/vm.js';
import { enforceGroups } from '../../workflows/steps/inventory.js';
import { implement } from '../kit/implement.js';
import { readVm } from '../kit/read-vm.js';

/** Ports without a group keep the network they have: adopting a VM changes nothing about it. One guest's trouble is not another's. */
export const enforceGroupsActivity = implement(enforceGroups, ({ inventory, dataCentre }) => ({
  async run({ host }) {
    const drivers = await dataCentre.on(host);
    const groups = await inventory.groups();
    const guests = (await drivers.hypervisor.guests()).filter(({ state }) => isActive(state));
    const [bound, passedOver]: [Port[], string[]] = [[], []];
    for (const guest of guests) {
      try {
        bound.push(...(await enforceOn(drivers, guest, groups, bound)));
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        passedOver.push(`${guest.name}: ${messageOf(error)}`);
      }
    }
    return { host, ports: bound.length, passedOver };
  },
}));

async function enforceOn(
  drivers: HostDrivers,
  guest: GuestOnHost,
  groups: readonly SecurityGroup[],
  bound: readonly Port[],
): Promise<Port[]> {
  const { network } = drivers;
  const ports = (await readVm(drivers, guest)).vm.ports.filter((port) => port.groups.length > 0);
  const twin = ports.find(({ mac }) => bound.some((other) => other.mac === mac));
  if (twin)
    throw new CodedError('BINDING_FAILED', `${twin.mac} is another guest's MAC here as well`, {
      hint: 'Give one of them another: two guests with one MAC share the rules of neither.',
    });
  await network.bind(ports, groups);
  await network.activate(ports);
  return ports;
}
