/** `host.discover`: facts, and every domain as a VM record. */
import { present } from '../../model/defined.js';
import type { DataCentre, HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import { CodedError, isAway, messageOf } from '../../model/errors.js';
import type { HostName } from '../../model/ids.js';
import { objectionText } from '../../model/objection.js';
import { isActive, type Vm } from '../../model/vm.js';
import { discover } from '../../workflows/steps/host.js';
import { implement } from '../kit/implement.js';
import { movingOf } from '../fleet/moving.js';
import { changesOf } from '../vm/owned.js';
import { readVm } from '../vm/read.js';
import { readFacts } from './facts.js';
import { refuseTwice } from './twice.js';

/** Records every domain with its objections. One that vanishes or fails while it is read is reported with the reason. */
export const discoverActivity = implement(discover, ({ inventory, dataCentre }) => ({
  async run({ host }, context) {
    const drivers = await dataCentre.on(host);
    const [facts, guests] = await Promise.all([readFacts(drivers), drivers.hypervisor.guests()]);
    refuseTwice(host, facts, await inventory.hosts());
    await inventory.putFacts(host, facts);
    const known = await inventory.vms();
    const elsewhere = runningElsewhere(host, known);
    const read = await Promise.all(
      guests.map(async (guest) => {
        const other = elsewhere.get(guest.uuid);
        const why = other && (await claimedBy(dataCentre, guest, other));
        return why ? { passedOver: `${guest.name}: ${why}` } : tryRead(drivers, guest);
      }),
    );
    const vms = read.flatMap((result) => ('vm' in result ? [result] : []));
    const remarks = await remarksOn(
      drivers,
      known,
      vms.map(({ vm }) => vm),
    );
    for (const { vm, xml } of vms) await inventory.putVm(vm, xml);
    // One whose move is open may be between its hosts, or on its target already: the move itself records where it is.
    const moving = await movingOf(await inventory.claims(), context);
    await inventory.forgetOthers(host, [...guests.map(({ uuid }) => uuid), ...moving]);
    return {
      host,
      vms: vms.map(({ vm }) => ({
        name: vm.name,
        state: vm.state,
        tiedBy: vm.objections.map(objectionText),
      })),
      passedOver: read.flatMap((result) => ('passedOver' in result ? [result.passedOver] : [])),
      remarks,
    };
  },
}));

/** What is taken over from metadata that has changed, and guests whose security groups nobody has put in force yet. */
async function remarksOn(
  { host, network }: HostDrivers,
  known: readonly Vm[],
  vms: readonly Vm[],
): Promise<string[]> {
  const bindings = vms.some(isGrouped) ? await network.bindings() : [];
  return vms.flatMap((vm) => {
    const before = known.find(({ uuid }) => uuid === vm.uuid);
    const changes = before ? changesOf(before, vm) : [];
    const isBound = vm.ports.every(
      ({ groups, mac, tap }) =>
        groups.length === 0 || bindings.some((one) => one.mac === mac && one.tap === tap),
    );
    return present([
      changes.length > 0 ? `${vm.name}: taken over: ${changes.join(', ')}` : undefined,
      isGrouped(vm) && (!isBound || changes.length > 0)
        ? `${vm.name}: the rules of its security groups are not in force on ${host.name}: drover groups apply FILE`
        : undefined,
    ]);
  });
}

const isGrouped = ({ state, ports }: Vm): boolean =>
  isActive(state) && ports.some(({ groups }) => groups.length > 0);

/**
 * Why the record of a guest stays with another host. What a host says of its own guests is believed; that another host's guest is
 * its own now, only if that one no longer has it running: else a host could take any VM, with the project that it likes (S18).
 */
async function claimedBy(
  dataCentre: DataCentre,
  { uuid, state }: GuestOnHost,
  other: HostName,
): Promise<string | undefined> {
  if (!isActive(state)) return `defined here, but it runs on ${other}`;
  try {
    const there = await (await dataCentre.on(other)).hypervisor.find(uuid);
    if (!there || !isActive(there.state)) return undefined;
    return `runs here and on ${other} at once: end one of them (virsh destroy), and move neither before`;
  } catch (error) {
    if (!isAway(error)) throw error;
    return `runs here, and ${other}, where it ran before, does not answer: it stays recorded there until that host is asked`;
  }
}

const runningElsewhere = (host: string, vms: readonly Vm[]): Map<string, HostName> =>
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
