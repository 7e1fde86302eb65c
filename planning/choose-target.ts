/** Which host a guest goes to: pure, from what was seen of each. */
import { capacityOf } from '../model/capacity.js';
import { targetFileOf, type Room } from '../model/storage.js';
import type { Host } from '../model/host.js';
import { cpuObjection, type CpuComparison, type HostFacts } from '../model/host-facts.js';
import type { HostName } from '../model/ids.js';
import { placed, type Placement } from '../model/placement.js';
import type { Vm } from '../model/vm.js';
import { networkObjections } from './networks.js';

/** A host as the scheduler sees it. */
export interface Candidate {
  readonly host: Host;
  /** Missing if the host could not be asked; `unreachable` then says why. */
  readonly seen?:
    | {
        readonly facts: HostFacts;
        readonly cpu: CpuComparison;
        /** Room by the folder of each of the VM's file disks. */
        readonly rooms: Readonly<Record<string, Room>>;
        /** What it lacks of the pools that the VM's volumes would be in, in words. */
        readonly lackingPools?: readonly string[];
      }
    | undefined;
  readonly unreachable?: string;
  /** Why the requester may not have it. */
  readonly forbidden?: string;
  readonly guests: readonly Pick<Vm, 'uuid' | 'name' | 'memoryBytes' | 'vcpus' | 'antiAffinity'>[];
  readonly claimed: { readonly memoryBytes: number; readonly vcpus: number };
  /** Where the guest's disks and ports would be there, if not under their names. */
  readonly placement?: Placement | undefined;
}

/** The choice, or every host's objection. */
export type Choice =
  | { readonly target: HostName; readonly reason: string }
  | { readonly refusals: readonly { readonly host: HostName; readonly reason: string }[] };

type Seen = NonNullable<Candidate['seen']>;
/** One criterion: an objection in words, or nothing. */
type Filter = (vm: Vm, candidate: Candidate, seen: Seen) => string | undefined | false;

const mib = (bytes: number): string => `${Math.floor(bytes / 1024 ** 2)} MiB`;

/** The criteria, in the order in which an operator would ask. */
const FILTERS: readonly Filter[] = [
  (vm, { guests }) => {
    const sibling =
      vm.antiAffinity &&
      guests.find((g) => g.uuid !== vm.uuid && g.antiAffinity === vm.antiAffinity);
    return sibling && `${sibling.name} of the anti-affinity group ${vm.antiAffinity} runs there`;
  },
  (vm, candidate, { facts }) => {
    const free = freeOf(vm, candidate, facts).memoryBytes;
    return (
      free < vm.memoryBytes &&
      `${mib(vm.memoryBytes)} of memory wanted, ${mib(Math.max(0, free))} free`
    );
  },
  (vm, candidate, { facts }) => {
    const free = freeOf(vm, candidate, facts).vcpus;
    return free < vm.vcpus && `${vm.vcpus} vCPUs wanted, ${Math.max(0, free)} free`;
  },
  (vm, _candidate, { facts }) => facts.arch !== vm.arch && `its architecture is ${facts.arch}`,
  (vm, _candidate, { facts }) =>
    !facts.virtTypes.includes(vm.virtType) && `it has no ${vm.virtType} domains`,
  (vm, _candidate, { facts }) =>
    !facts.machines.includes(vm.machine) && `it lacks the machine type ${vm.machine}`,
  (_vm, _candidate, { cpu, facts }) => cpuObjection(cpu, facts.cpuModel),
  (vm, { host, placement }, { facts }) =>
    networkObjections(placed(vm, placement), facts, host.name).join(', '),
  (_vm, _candidate, { lackingPools = [] }) => lackingPools.join(', '),
  (vm, { placement }) => {
    const files = placed(vm, placement).disks.flatMap((disk) => targetFileOf(disk) ?? []);
    const twice = files.find((file, index) => files.indexOf(file) !== index);
    return twice !== undefined && `two of its disks would be ${twice} there`;
  },
  (_vm, _candidate, { rooms }) => {
    const [missing] = Object.entries(rooms).find(([, room]) => !room.isLaidOut) ?? [];
    return (
      missing !== undefined &&
      `it has no place for ${missing}: the folder above it is not there (mkdir -p, or mount it)`
    );
  },
];

/** Picks the suitable host with the most free memory, or checks the requested one. */
export function choose(vm: Vm, candidates: readonly Candidate[], wanted?: HostName): Choice {
  const judged = candidates.map((candidate) => ({
    candidate,
    objection: objectionTo(vm, candidate),
  }));
  const suitable = judged
    .filter(({ objection }) => objection === undefined)
    .map(({ candidate }) => candidate)
    .sort(
      (a, b) => spareMemory(vm, b) - spareMemory(vm, a) || a.host.name.localeCompare(b.host.name),
    );
  const best =
    wanted === undefined ? suitable[0] : suitable.find(({ host }) => host.name === wanted);
  if (best) {
    const spare = mib(spareMemory(vm, best));
    const reason = wanted
      ? 'requested, and it fits'
      : `most free memory of ${suitable.length} that fit (${spare})`;
    return { target: best.host.name, reason };
  }
  const refusals = judged.map(({ candidate, objection }) => ({
    host: candidate.host.name,
    reason: objection ?? 'would fit, but was not requested',
  }));
  const isKnown = wanted === undefined || candidates.some(({ host }) => host.name === wanted);
  return {
    refusals: isKnown
      ? refusals
      : [{ host: wanted, reason: 'is not in the inventory' }, ...refusals],
  };
}

function objectionTo(vm: Vm, candidate: Candidate): string | undefined {
  if (candidate.host.name === vm.host) return 'the guest runs there';
  if (candidate.host.state !== 'enabled') return `the host is ${candidate.host.state}`;
  const { seen } = candidate;
  if (!seen)
    return candidate.forbidden ?? candidate.unreachable ?? 'drover has not read its facts yet';
  for (const filter of FILTERS) {
    const objection = filter(vm, candidate, seen);
    if (objection) return objection;
  }
  return undefined;
}

function freeOf(
  vm: Vm,
  { host, guests, claimed }: Candidate,
  facts: HostFacts,
): { memoryBytes: number; vcpus: number } {
  const capacity = capacityOf(host, facts);
  const others = guests.filter(({ uuid }) => uuid !== vm.uuid);
  return {
    memoryBytes:
      capacity.memoryBytes -
      claimed.memoryBytes -
      others.reduce((sum, guest) => sum + guest.memoryBytes, 0),
    vcpus: capacity.vcpus - claimed.vcpus - others.reduce((sum, guest) => sum + guest.vcpus, 0),
  };
}

const spareMemory = (vm: Vm, candidate: Candidate): number =>
  candidate.seen ? freeOf(vm, candidate, candidate.seen.facts).memoryBytes : 0;
