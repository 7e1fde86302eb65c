/** Guests of any host that write to the same volume. */
import type { Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import type { Disk } from '../../model/storage.js';
import { askHosts, type Fleet } from '../host/elsewhere.js';
import { readDomains, type DomainUses } from '../host/read-uses.js';
import { usedBy } from './used-by.js';

/** The word of a person who knows that it is another volume of that name, or that one guest of the two stays off. */
const SHARED_VOLUME = 'shared-volume';

/** Every host is asked; of one that does not answer, nothing is said: what it has it has now too. */
export async function volumeObjections(
  fleet: Fleet,
  { uuid }: Route,
  disks: readonly Disk[],
): Promise<Objection[]> {
  const wanted = disks.flatMap((disk) => {
    const { source, isReadOnly, isShareable, device } = disk;
    if (source.kind !== 'network' || isReadOnly || isShareable) return [];
    return [{ about: `disk ${device}`, name: `${source.protocol}:${source.name}` }];
  });
  if (wanted.length === 0) return [];
  const hosts = (await fleet.inventory.hosts()).map(({ host }) => host.name);
  const { answers } = await askHosts(fleet, hosts, async (drivers) => {
    const domains = await readDomains(drivers, uuid);
    return domains.map((domain) => ({ host: drivers.host.name, domain }));
  });
  return wanted.flatMap(({ about, name }) => {
    const users = answers
      .flat()
      .flatMap(({ host, domain }) =>
        usesOf(domain, name).map((as) => `${domain.by} on ${host} (${as})`),
      );
    return usedBy(about, `volume ${name}`, users, { accept: SHARED_VOLUME });
  });
}

const usesOf = ({ networkDisks }: DomainUses, name: string): string[] =>
  networkDisks.flatMap((disk) => (disk.isWriter && disk.name === name ? [disk.as] : []));
