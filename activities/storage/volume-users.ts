/** Guests of any host that write to the same volume: moved away from each other, they would not even be told by one QEMU's lock. */
import { objection, type Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import type { Disk } from '../../model/storage.js';
import { cannotBeAsked, type Fleet } from '../host/elsewhere.js';
import { readDomains, type DomainUses } from '../host/read-uses.js';

/** The word of a person who knows that it is another volume of that name, or that one guest of the two stays off. */
const SHARED_VOLUME = 'shared-volume';

/** Every host is asked; of one that does not answer, nothing is said: what it has it has now too. */
export async function volumeObjections(
  { inventory, dataCentre }: Fleet,
  { uuid }: Route,
  disks: readonly Disk[],
): Promise<Objection[]> {
  const wanted = disks.flatMap((disk) => {
    const { source, isReadOnly, isShareable, device } = disk;
    if (source.kind !== 'network' || isReadOnly || isShareable) return [];
    return [{ about: `disk ${device}`, name: `${source.protocol}:${source.name}` }];
  });
  if (wanted.length === 0) return [];
  const hosts = (await inventory.hosts()).map(({ host }) => host.name);
  const asked = hosts.map(async (host) => {
    try {
      const domains = await readDomains(await dataCentre.on(host), uuid);
      return domains.map((domain) => ({ host, domain }));
    } catch (error) {
      if (!cannotBeAsked(error)) throw error;
      return [];
    }
  });
  const guests = (await Promise.all(asked)).flat();
  return wanted.flatMap(({ about, name }) => {
    const users = guests.flatMap(({ host, domain }) =>
      usesOf(domain, name).map((as) => `${domain.by} on ${host} (${as})`),
    );
    return users.length === 0 ? [] : [usedBy(about, name, [...new Set(users)])];
  });
}

const usesOf = ({ networkDisks }: DomainUses, name: string): string[] =>
  networkDisks.flatMap((disk) => (disk.isWriter && disk.name === name ? [disk.as] : []));

const usedBy = (about: string, name: string, users: readonly string[]): Objection =>
  objection(
    about,
    `is the volume ${name}, which is used by ${users.join(', ')}`,
    'take it from the other guest, or make it <shareable/> in both if that is meant',
    { accept: SHARED_VOLUME },
  );
