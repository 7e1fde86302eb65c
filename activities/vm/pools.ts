/** Disks that are volumes of storage pools, read with the pools that say which files they are. */
import type { Facts } from '../../drivers/interfaces/hypervisor/facts.js';
import type { PoolFolder } from '../../guest/xml/disks.js';
import type { DomainFacts } from '../../guest/xml/domain.js';
import { fileOf } from '../../model/storage.js';

/** Asked for only where a disk is a volume. */
export async function poolsNamedIn(
  hypervisor: Facts,
  views: readonly (string | undefined)[],
): Promise<PoolFolder[]> {
  if (!views.some((view) => view?.includes('volume='))) return [];
  return hypervisor.pools();
}

/** A guest that has come live runs with the files that its volumes are, until it is started anew. */
export const withPools = (facts: DomainFacts, defined: DomainFacts): DomainFacts => ({
  ...facts,
  disks: facts.disks.map((disk) => {
    const same = defined.disks.find(
      ({ device, source }) =>
        device === disk.device && source.kind === 'file' && source.path === fileOf(disk),
    );
    return same ? { ...disk, source: same.source } : disk;
  }),
});
