/** Which host a guest goes to: pure, from what was seen of each. */
import { present } from '../model/defined.js';
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
  | { readonly refusals: readonly Refusal[] };

/** All that speaks against one host, in the order of the criteria. */
export interface Refusal {
  readonly host: HostName;
  readonly reasons: readonly string[];
}

type Seen = NonNullable<Candidate['seen']>;
/** One criterion: its objections in words, or nothing. */
type Filter = (
  vm: Vm,
  candidate: Candidate,
  seen: Seen,
) => string | readonly string[] | undefined | false;

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
    networkObjections(placed(vm, placement), facts, host.name),
  (_vm, _candidate, { lackingPools = [] }) => lackingPools,
  (vm, { placement }) => {
    const files = placed(vm, placement).disks.flatMap((disk) => targetFileOf(disk) ?? []);
    const twice = files.filter((file, index) => files.indexOf(file) !== index);
    return [...new Set(twice)].map((file) => `two of its disks would be ${file} there`);
  },
  (_vm, _candidate, { rooms }) =>
    Object.entries(rooms)
      .filter(([, room]) => !room.isLaidOut)
      .map(
        ([missing]) =>
          `it has no place for ${missing}: the folder above it is not there (mkdir -p, or mount it)`,
      ),
];

/** Picks the suitable host with the most free memory, or checks the requested one. */
export function choose(vm: Vm, candidates: readonly Candidate[], wanted?: HostName): Choice {
  const judged = candidates.map((candidate) => ({
    candidate,
    objections: objectionsTo(vm, candidate),
  }));
  const suitable = judged
    .filter(({ objections }) => objections.length === 0)
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
  const refusals = judged.map(({ candidate, objections }) => ({
    host: candidate.host.name,
    reasons: objections.length > 0 ? objections : ['would fit, but was not requested'],
  }));
  const isKnown = wanted === undefined || candidates.some(({ host }) => host.name === wanted);
  return {
    refusals: isKnown
      ? refusals
      : [{ host: wanted, reasons: ['is not in the inventory'] }, ...refusals],
  };
}

/** All of them: who mends one should not learn of the next one only then. */
function objectionsTo(vm: Vm, candidate: Candidate): string[] {
  const { host, forbidden, seen, unreachable } = candidate;
  if (host.name === vm.host) return ['the guest runs there'];
  const known = present([
    host.state === 'enabled' ? undefined : `the host is ${host.state}`,
    forbidden,
  ]);
  if (seen)
    return [...known, ...FILTERS.flatMap((filter) => filter(vm, candidate, seen) || [])].flat();
  // It was not asked, for the reasons that are known already.
  if (known.length > 0) return known;
  return [unreachable ?? 'drover has not read its facts yet'];
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
