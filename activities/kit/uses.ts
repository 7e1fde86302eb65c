/**
 * Who uses this? Asked of all domains of a host, as they run and as they will run, before something there is renamed, removed
 * or taken: their files through all links and whole chains, and the addresses of their ports.
 */
import type { HostDrivers } from '../../drivers/data-centre.js';
import type { GuestOnHost } from '../../drivers/hypervisor.js';
import { sweep, type Swept } from '../../drivers/libvirt/xml/sweep.js';
import type { FileFacts } from '../../drivers/storage.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { HostName, HostPath, VmUuid } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';

/** One use of one path. */
export interface Use {
  readonly by: string;
  /** `disk vda`, `below disk vda`, `kernel`. */
  readonly as: string;
  readonly at: FileFacts;
}

/** What the other domains of a host use. */
export interface Uses {
  /** Uses of this path, or of anything in it if it is a folder, or of a folder that it lies in and is shared as a whole. */
  of(path: FileFacts): readonly Use[];
  /** Domains that have a port with this address. */
  withMac(mac: string): readonly string[];
  /** Domains of which it cannot be told what they use, with the reason: nothing is known to be free while there are any. */
  readonly untold: readonly string[];
  /** Folders that are libvirt's storage pools. */
  readonly pools: readonly FileFacts[];
}

/** Asks a host, all of its domains but the one that is moved. */
export async function usesOn(drivers: HostDrivers, except?: VmUuid): Promise<Uses> {
  const { hypervisor, storage } = drivers;
  const read = await readAll(drivers, except);
  const { named, doubts } = await withChains(drivers, read);
  const pools = await hypervisor.poolFolders();
  const paths = [...new Set([...named.map(({ path }) => path), ...pools])];
  const facts = new Map((await storage.files.look(paths)).map((found) => [found.path, found]));
  const factsOf = (path: string) => facts.get(path) as FileFacts;
  const uses = named.map(({ by, as, path }): Use => ({ by, as, at: factsOf(path) }));
  return {
    of: (path) => uses.filter(({ at }) => overlap(at, path)),
    withMac: withMacIn(read),
    // What is not there has nothing below it.
    untold: untoldOf(drivers, [
      ...read,
      ...doubts.filter(({ path }) => factsOf(path).kind !== 'absent'),
    ]),
    pools: pools.map(factsOf),
  };
}

/**
 * Of these paths on a host, those that another domain uses, or may use, with who: they are neither renamed nor removed. A domain
 * that cannot be read may use all of them.
 */
export async function usedAmong(
  drivers: HostDrivers,
  except: VmUuid,
  paths: readonly HostPath[],
): Promise<Map<HostPath, string>> {
  if (paths.length === 0) return new Map();
  const uses = await usesOn(drivers, except);
  const facts = await drivers.storage.files.look(paths);
  const [untold] = uses.untold;
  return new Map(
    paths.flatMap((path, index) => {
      const found = facts[index];
      const names = found ? namesOf(drivers.host.name, uses.of(found)) : '';
      return names || untold ? [[path, names || (untold ?? '')] as const] : [];
    }),
  );
}

/** Domains with a port that has one of these addresses, and those that do not tell. */
export async function macsOn(
  drivers: HostDrivers,
  except: VmUuid,
): Promise<Pick<Uses, 'withMac' | 'untold'>> {
  const read = await readAll(drivers, except);
  return { withMac: withMacIn(read), untold: untoldOf(drivers, read) };
}

/** What stands under one path. */
export const lookAtOne = async ({ storage }: HostDrivers, path: string): Promise<FileFacts> => {
  const [found] = await storage.files.look([path]);
  if (found) return found;
  throw new CodedError('BUG', `${path} was not looked at`);
};

async function readAll(drivers: HostDrivers, except: VmUuid | undefined): Promise<ReadUses[]> {
  const guests = (await drivers.hypervisor.guests()).filter(({ uuid }) => uuid !== except);
  return Promise.all(guests.map((guest) => readUses(drivers, guest)));
}

const withMacIn = (read: readonly ReadUses[]) => (mac: string) =>
  read.filter(({ macs }) => macs.includes(mac)).map(({ by }) => by);

const untoldOf = (
  { host }: HostDrivers,
  read: readonly { readonly by: string; readonly problem?: string }[],
): string[] =>
  read.flatMap(({ by, problem }) =>
    problem === undefined ? [] : [`what ${by} uses on ${host.name} cannot be told: ${problem}`],
  );

/** The same file under whatever name, or one within the other. */
function overlap(used: FileFacts, asked: FileFacts): boolean {
  if (used.id !== '' && used.id === asked.id) return true;
  if (used.real === asked.real) return true;
  const isWithin = (inner: FileFacts, outer: FileFacts) => inner.real.startsWith(`${outer.real}/`);
  return isWithin(used, asked) || (used.kind === 'folder' && isWithin(asked, used));
}

interface ReadUses extends Pick<Swept, 'paths' | 'macs' | 'images'> {
  readonly by: string;
  readonly problem?: string;
}

/** Both views of one domain. */
async function readUses({ hypervisor }: HostDrivers, guest: GuestOnHost): Promise<ReadUses> {
  const views = [
    ...(isActive(guest.state) ? (['live'] as const) : []),
    ...(guest.isPersistent ? (['inactive'] as const) : []),
  ];
  try {
    const swept = (await Promise.all(views.map((view) => hypervisor.xml(guest.uuid, view)))).map(
      sweep,
    );
    return {
      by: guest.name,
      paths: swept.flatMap(({ paths }) => paths),
      macs: swept.flatMap(({ macs }) => macs),
      images: swept.flatMap(({ images }) => images),
    };
  } catch (error) {
    const nothing = { by: guest.name, paths: [], macs: [], images: [] };
    if (isGone(error)) return nothing;
    // Only XML that no attempt will read better: a host that cannot be asked now is for the next attempt.
    if (!(error instanceof CodedError) || error.code !== 'BAD_ANSWER') throw error;
    return { ...nothing, problem: messageOf(error) };
  }
}

/** libvirt's "no such domain": it vanished between the list and the question. */
const isGone = (error: unknown): boolean =>
  error instanceof CodedError && error.facts['libvirtCode'] === 42;

interface NamedUse {
  readonly by: string;
  readonly as: string;
  readonly path: string;
}

/** Everything that is named, and what lies below the disks; and the images that do not tell. */
async function withChains({ storage }: HostDrivers, read: readonly ReadUses[]) {
  const images = read.flatMap(({ by, images: mine }) => mine.map((image) => ({ by, ...image })));
  const chains = images.length > 0 ? await storage.files.chains(images) : [];
  const below = images.flatMap(({ by, as }, index) =>
    (chains[index]?.layers ?? []).flatMap((layer): NamedUse[] => [
      ...(layer.below ? [{ by, as: `below ${as}`, path: layer.below.path }] : []),
      ...(layer.dataFile === undefined ? [] : [{ by, as: `data of ${as}`, path: layer.dataFile }]),
    ]),
  );
  const doubts = images.flatMap(({ by, path }, index) => {
    const problem = chains[index]?.problem;
    return problem === undefined ? [] : [{ by, path, problem: `${path}: ${problem}` }];
  });
  const listed = read.flatMap(({ by, paths }) => paths.map((use) => ({ by, ...use })));
  return { named: [...listed, ...below].filter(({ path }) => path.startsWith('/')), doubts };
}

/** Uses of a path in words, each domain once. */
export const namesOf = (host: HostName, uses: readonly Use[]): string =>
  [...new Map(uses.map((use) => [use.by, use])).values()]
    .map(({ by, as }) => `${by} on ${host} (${as})`)
    .join(', ');
