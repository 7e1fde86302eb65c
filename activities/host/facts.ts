/** What a host is and has now. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { CpuComparison, HostFacts } from '../../model/host-facts.js';
import type { Move } from '../../model/objection.js';
import type { Vm } from '../../model/vm.js';

/** What is on a host now. */
export async function readFacts({ hypervisor, network }: HostDrivers): Promise<HostFacts> {
  const [facts, bridges, networks] = await Promise.all([
    hypervisor.facts(),
    network.bridges(),
    hypervisor.networks(),
  ]);
  return { ...facts, bridges, networks };
}

const ENOUGH: CpuComparison = { is: 'enough' };

/**
 * Whether a host's hypervisor can give the guest its CPU. A domain without a `<cpu>` takes any, and so does one that takes the CPU
 * of its host when it next starts. One that runs with its host's CPU has all that the hypervisor gives there, which no definition
 * says and libvirt does not compare: so the hosts' CPUs are compared.
 */
export async function compareCpu(
  source: () => Promise<HostDrivers>,
  { hypervisor }: HostDrivers,
  { machines }: Pick<HostFacts, 'machines'>,
  { vm, move }: { readonly vm: Vm; readonly move: Move },
): Promise<CpuComparison> {
  // libvirt compares nothing for a machine that it does not have; that it lacks it is an objection of its own.
  if (!vm.cpuXml || !machines.includes(vm.machine)) return ENOUGH;
  const [, mode = ''] = /^<cpu\s[^>]*mode=['"]([^'"]*)['"]/.exec(vm.cpuXml) ?? [];
  if (move === 'cold' && [...HOSTS_OWN, 'host-model'].includes(mode)) return ENOUGH;
  if (!HOSTS_OWN.includes(mode)) return hypervisor.compareCpu(vm);
  const cpuXml = await (await source()).hypervisor.givenCpu(vm);
  return cpuXml === undefined
    ? {
        is: 'incompatible',
        lacks: 'what the source’s has cannot be told, since its libvirt does not say',
      }
    : hypervisor.compareCpu({ ...vm, cpuXml });
}

/** Modes in which the guest has its host's CPU, whatever that is. */
const HOSTS_OWN = ['host-passthrough', 'maximum'];

/** `7.2.0` for 7002000. */
export const versionText = (version: number): string =>
  `${Math.floor(version / 1_000_000)}.${Math.floor(version / 1000) % 1000}.${version % 1000}`;
