/** `host.enforceGroups`: the bindings of the guests that run on a host now. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Inventory } from '../../inventory/inventory.js';
import { CodedError, messageOf, traitsOf } from '../../model/errors.js';
import type { Port, SecurityGroup } from '../../model/network.js';
import { isActive } from '../../model/vm.js';
import { enforceGroups } from '../../workflows/steps/host.js';
import { implement } from '../kit/implement.js';
import { knownVm } from '../vm/known.js';
import { changesOf, withOwned } from '../vm/owned.js';
import { readVm } from '../vm/read.js';

/** Ports without a group keep the network they have: adopting a VM changes nothing about it. A failure of one guest does not stop the others. */
export const enforceGroupsActivity = implement(enforceGroups, ({ inventory, dataCentre }) => ({
  async run({ host }) {
    const drivers = await dataCentre.on(host);
    const groups = await inventory.groups();
    const { guests, passedOver } = await groupedPorts(drivers, inventory);
    const ports = guests.flatMap((guest) => guest.ports);
    try {
      await enforce(drivers, ports, groups);
      return { host, ports: ports.length, passedOver };
    } catch (error) {
      if (!isOfOneGuest(error)) throw error;
    }
    const { bound, refused } = await enforceOneByOne(drivers, guests, groups);
    return { host, ports: bound, passedOver: [...passedOver, ...refused] };
  },
}));

interface GroupedGuest {
  readonly name: string;
  readonly ports: readonly Port[];
}

/** The running guests whose ports have groups. Of two with one MAC the first counts. */
async function groupedPorts(
  drivers: HostDrivers,
  inventory: Inventory,
): Promise<{ guests: GroupedGuest[]; passedOver: string[] }> {
  const running = (await drivers.hypervisor.guests()).filter(({ state }) => isActive(state));
  const guests: GroupedGuest[] = [];
  const passedOver: string[] = [];
  const macs = new Set<string>();
  for (const guest of running) {
    try {
      const { vm } = await readVm(drivers, guest);
      const known = await knownVm(inventory, guest.uuid);
      const changes = known ? changesOf(known, vm) : [];
      if (changes.length > 0)
        passedOver.push(
          `${guest.name}: the record counts, since its metadata says ${changes.join(', ')}`,
        );
      const all = known ? withOwned(known, vm.ports) : vm.ports;
      const ports = all.filter((port) => port.groups.length > 0);
      refuseTwin(ports, macs);
      for (const { mac } of ports) macs.add(mac);
      guests.push({ name: guest.name, ports });
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      passedOver.push(`${guest.name}: ${messageOf(error)}`);
    }
  }
  return { guests, passedOver };
}

/** @throws BINDING_FAILED */
function refuseTwin(ports: readonly Port[], macs: ReadonlySet<string>): void {
  const twin = ports.find(({ mac }) => macs.has(mac));
  if (twin)
    throw new CodedError(
      'BINDING_FAILED',
      `another guest on this host has the same MAC, ${twin.mac}`,
      {
        hint: 'Give one of the two guests another MAC.',
      },
    );
}

async function enforce(
  { network }: HostDrivers,
  ports: readonly Port[],
  groups: readonly SecurityGroup[],
): Promise<void> {
  await network.bind(ports, groups);
  await network.activate(ports);
}

const isOfOneGuest = (error: unknown): boolean =>
  error instanceof CodedError && !traitsOf(error.code).retry;

async function enforceOneByOne(
  drivers: HostDrivers,
  guests: readonly GroupedGuest[],
  groups: readonly SecurityGroup[],
): Promise<{ bound: number; refused: string[] }> {
  const refused: string[] = [];
  let bound = 0;
  for (const { name, ports } of guests) {
    try {
      await enforce(drivers, ports, groups);
      bound += ports.length;
    } catch (error) {
      if (!isOfOneGuest(error)) throw error;
      refused.push(`${name}: ${messageOf(error)}`);
    }
  }
  return { bound, refused };
}
