/** Objections to a target, found by asking both hosts. Nothing is changed. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import type { SecurityGroup } from '../../model/network.js';
import type { Move } from '../../model/objection.js';
import { folderOf, isConverted, targetFileOf, type DiskPlan } from '../../model/storage.js';
import type { Vm } from '../../model/vm.js';
import { cpuObjection } from '../../model/host-facts.js';
import { networkObjections } from '../../planning/networks.js';
import { isLinked } from '../host/link.js';
import { libvirtAddress } from '../../model/host-address.js';
import type { Neighbours } from '../host/uses.js';
import { compareCpu, readFacts } from '../host/facts.js';

/** What is asked. */
export interface Question {
  readonly route: Route;
  readonly vm: Vm;
  readonly disks: readonly DiskPlan[];
  readonly groups: readonly SecurityGroup[];
  readonly source: HostDrivers;
  readonly target: HostDrivers;
  /** The target's other domains. */
  readonly neighbours: Neighbours;
  readonly move: Move;
  /** Secrets that the target lacks are brought to it. */
  readonly isCarryingSecrets?: boolean;
}

export async function hypervisorObjections({
  vm,
  source,
  target,
  move,
}: Question): Promise<string[]> {
  const there = await readFacts(target);
  const here = () => Promise.resolve(source);
  const cpu = await compareCpu(here, target, there, { vm, move });
  return [
    cpuObjection(cpu, there.cpuModel),
    !there.machines.includes(vm.machine) && `it lacks the machine type ${vm.machine}`,
    there.freeMemoryBytes < vm.memoryBytes &&
      `it has ${there.freeMemoryBytes} bytes of free memory, the guest needs ${vm.memoryBytes}`,
  ].filter((objection) => typeof objection === 'string');
}

/** The source's libvirtd connects to the target's; behind a firewall that drops packets the transfer would hang for minutes. */
export async function linkObjections({ source, target, move }: Question): Promise<string[]> {
  if (move !== 'live' || (await isLinked({ source, target }))) return [];
  const { libvirtUri } = target.host;
  const { address, port } = libvirtAddress(libvirtUri);
  return [
    `${source.host.name} cannot reach its libvirtd at ${address} port ${port} (${libvirtUri})`,
  ];
}

/** Networks and security groups. */
export async function networkOrGroupObjections({
  vm,
  target,
  groups,
}: Question): Promise<string[]> {
  const [bridges, networks] = await Promise.all([
    target.network.bridges(),
    target.hypervisor.networks(),
  ]);
  const unknown = vm.ports.flatMap(({ groups: named, mac }) =>
    named
      .filter((name) => !groups.some((group) => group.name === name))
      .map(
        (name) =>
          `the security group ${name} of interface ${mac} is not known: drover groups apply FILE`,
      ),
  );
  return [...networkObjections(vm, { bridges, networks }, target.host.name), ...unknown];
}

/** Every copied disk may grow to its capacity; a missing backing file comes on top. */
export async function roomObjections({ disks, target }: Question): Promise<string[]> {
  const copied = disks.filter(({ handling }) => handling === 'copy' || handling === 'static');
  const wanted = new Map<HostPath, number>();
  const backing = copied
    .filter((disk) => !isConverted(disk))
    .flatMap(({ inspection }) => inspection.backing);
  const existing =
    backing.length > 0 ? await target.storage.files.existing(backing.map(({ path }) => path)) : [];
  const add = (path: HostPath, bytes: number) => {
    const folder = folderOf(path);
    wanted.set(folder, (wanted.get(folder) ?? 0) + bytes);
  };
  for (const disk of copied) {
    const path = targetFileOf(disk);
    if (path) add(path, disk.inspection.capacityBytes);
  }
  for (const file of backing) if (!existing.includes(file.path)) add(file.path, file.sizeBytes);
  const rooms = await Promise.all(
    [...wanted].map(async ([folder, bytes]) => ({
      folder,
      bytes,
      room: await target.storage.files.room(folder),
    })),
  );
  return rooms
    .filter(({ bytes, room }) => room.freeBytes < bytes)
    .map(
      ({ folder, bytes, room }) =>
        `${folder} has ${room.freeBytes} bytes free, the disks may need ${bytes}`,
    );
}
