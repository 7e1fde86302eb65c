/** What a host is and has now. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostFacts } from '../../model/host.js';
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

/**
 * Whether a host's hypervisor can give the guest its CPU. A domain without a `<cpu>` takes any, and so does one that
 * takes the CPU of its host when it next starts.
 */
export const compareCpu = async (
  { hypervisor }: HostDrivers,
  { machines }: Pick<HostFacts, 'machines'>,
  vm: Vm,
  move: 'live' | 'cold',
) => {
  // libvirt compares nothing for a machine that it does not have; that it lacks it is an objection of its own.
  if (!machines.includes(vm.machine)) return 'superset' as const;
  const takesHosts = /^<cpu\s[^>]*mode=['"](?:host-model|host-passthrough|maximum)['"]/.test(
    vm.cpuXml,
  );
  return !vm.cpuXml || (move === 'cold' && takesHosts)
    ? ('superset' as const)
    : hypervisor.compareCpu(vm);
};

/** `7.2.0` for 7002000. */
export const versionText = (version: number): string =>
  `${Math.floor(version / 1_000_000)}.${Math.floor(version / 1000) % 1000}.${version % 1000}`;
