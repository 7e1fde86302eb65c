/** What each domain of a host uses, read from both of its views, its disks' images, and the host's pools. */
import { present } from '../../model/defined.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { GuestOnHost, Pool } from '../../drivers/interfaces/hypervisor/facts.js';
import { sweep, type Swept, type SweptImage } from '../../guest/xml/sweep.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { VmUuid } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';

/** What one domain's XML names; `problem` if it cannot be read. */
export interface DomainUses extends Pick<Swept, 'paths' | 'macs' | 'cids' | 'images' | 'volumes'> {
  readonly by: string;
  readonly problem?: string;
}

/** One path that a domain uses. */
export interface NamedUse {
  readonly by: string;
  readonly as: string;
  readonly path: string;
  readonly isWriter: boolean;
}

/** An image whose backing files cannot be read, or a pool that is not there. */
export interface Doubt {
  readonly by: string;
  readonly problem: string;
  /** What could not be read. If there is no file at that path, there is no doubt: nothing is below it. */
  readonly path?: string;
}

/** All domains of a host but one. In turn: answers that come together wait 40 ms for a delayed ACK of the first. */
export async function readDomains(
  drivers: HostDrivers,
  except: VmUuid | undefined,
): Promise<DomainUses[]> {
  const guests = (await drivers.hypervisor.guests()).filter(({ uuid }) => uuid !== except);
  const read: DomainUses[] = [];
  for (const guest of guests) read.push(await readDomain(drivers, guest));
  return read;
}

const NOTHING = { paths: [], macs: [], cids: [], images: [], volumes: [] };

async function readDomain({ hypervisor }: HostDrivers, guest: GuestOnHost): Promise<DomainUses> {
  const by = guest.name;
  const views = (['live', 'inactive'] as const).filter((view) =>
    view === 'live' ? isActive(guest.state) : guest.isPersistent,
  );
  try {
    const swept: Swept[] = [];
    for (const view of views) swept.push(sweep(await hypervisor.xml(guest.uuid, view)));
    return {
      by,
      paths: swept.flatMap(({ paths }) => paths),
      macs: swept.flatMap(({ macs }) => macs),
      cids: swept.flatMap(({ cids }) => cids),
      images: swept.flatMap(({ images }) => images),
      volumes: swept.flatMap(({ volumes }) => volumes),
    };
  } catch (error) {
    if (isGone(error)) return { by, ...NOTHING };
    // Only XML that no attempt will read better: a host that cannot be asked now is for the next attempt.
    if (!(error instanceof CodedError) || error.code !== 'BAD_ANSWER') throw error;
    return { by, ...NOTHING, problem: messageOf(error) };
  }
}

/** libvirt's "no such domain": it vanished between the list and the question. */
const isGone = (error: unknown): boolean =>
  error instanceof CodedError && error.facts['libvirtCode'] === 42;

/** Every path that the domains name, the backing files of their disks, and what cannot be read. */
export async function pathsOf(
  { storage }: HostDrivers,
  domains: readonly DomainUses[],
  pools: readonly Pool[],
): Promise<{ named: NamedUse[]; doubts: Doubt[] }> {
  const volumes = domains.map((domain) => volumesOf(domain, pools));
  const images = [
    ...domains.flatMap(({ by, images: mine }) => mine.map((image) => ({ by, ...image }))),
    ...volumes.flatMap(({ found }) => found),
  ];
  const chains = images.length > 0 ? await storage.files.chains(images) : [];
  const below = images.flatMap(({ by, as, isWriter }, index) =>
    (chains[index]?.layers ?? []).flatMap(({ below: base, dataFile }): NamedUse[] =>
      present([
        base && { by, as: `below ${as}`, path: base.path, isWriter: false },
        dataFile === undefined ? undefined : { by, as: `data of ${as}`, path: dataFile, isWriter },
      ]),
    ),
  );
  const unclear = images.flatMap(({ by, path }, index): Doubt[] => {
    const { problem, problemAt } = chains[index] ?? {};
    return problem === undefined || problemAt === undefined
      ? []
      : [{ by, path: problemAt, problem: `${path}: ${problem}` }];
  });
  const listed = domains.flatMap(({ by, paths }) => paths.map((use) => ({ by, ...use })));
  return {
    named: [...listed, ...images, ...below].filter(({ path }) => path.startsWith('/')),
    doubts: [...unclear, ...volumes.flatMap(({ doubts }) => doubts)],
  };
}

/** Files behind the volumes of pools that are folders. */
function volumesOf(
  { by, volumes }: DomainUses,
  pools: readonly Pool[],
): { found: (SweptImage & { by: string })[]; doubts: Doubt[] } {
  const folderOf = (name: string) => pools.find((pool) => pool.name === name)?.folder;
  return {
    found: volumes.flatMap(({ as, pool, volume, format, isWriter }) => {
      const folder = folderOf(pool);
      return folder === undefined
        ? []
        : [{ by, as, format, isWriter, path: `${folder}/${volume}` }];
    }),
    doubts: volumes
      .filter(({ pool }) => folderOf(pool) === undefined)
      .map(({ as, pool }) => ({ by, problem: `${as} is in the pool ${pool}, which is not there` })),
  };
}
