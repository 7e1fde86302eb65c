/** What a host can hold: pure, for the scheduler and for claims. */
import type { Host } from './host.js';
import type { HostFacts } from './host-facts.js';

/** What guests may use of a host. */
export interface Capacity {
  readonly memoryBytes: number;
  readonly vcpus: number;
}

/** What a host can hold in all. */
export const capacityOf = (host: Host, facts: HostFacts): Capacity => ({
  memoryBytes: facts.memoryBytes - host.reservedMemoryBytes,
  vcpus: Math.floor(facts.cpus * host.vcpuRatio),
});
