/**
 * Who uses this? Asked of all domains of a host, as they run and as they will run, before something there is renamed, removed
 * or taken: their files through all links and whole chains, and the addresses of their ports.
 */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { FileFacts, LoopDevice } from '../../drivers/interfaces/storage.js';
import { CodedError } from '../../model/errors.js';
import type { HostName, HostPath, VmUuid } from '../../model/ids.js';
import { pathsOf, readDomains, type DomainUses, type NamedUse } from './read-uses.js';

/** One use of one path. */
export interface Use {
  readonly by: string;
  /** `disk vda`, `below disk vda`, `kernel`. */
  readonly as: string;
  readonly isWriter: boolean;
  readonly at: FileFacts;
}

/** What the other domains of a host use. */
export interface Uses {
  /** Uses of this path, or of anything in it if it is a folder, or of a folder that it lies in and is shared as a whole. */
  of(path: FileFacts): readonly Use[];
  /** Domains whose use cannot be found out, with the reason: while there are any, no file is known to be free. */
  readonly untold: readonly string[];
  /** Folders that are libvirt's storage pools. */
  readonly pools: readonly FileFacts[];
}

/** A host's other domains, each question asked when it is needed and once, however many objections rest on it. */
export interface Neighbours {
  readonly drivers: HostDrivers;
  /** What their definitions name, without a look at files. */
  domains(): Promise<readonly DomainUses[]>;
  uses(): Promise<Uses>;
}

/**
 * All domains of a host except the one that is moved. A domain that does not tell is asked once more: the files of one that is
 * about to move away, or to come back, have no name for a moment.
 */
export function neighboursOn(drivers: HostDrivers, except?: VmUuid): Neighbours {
  let domains: Promise<DomainUses[]> | undefined;
  let uses: Promise<Uses> | undefined;
  const read = () => (domains ??= readDomains(drivers, except));
  const again = async () => usesOf(drivers, await readDomains(drivers, except));
  const ask = async () => {
    const first = await usesOf(drivers, await read());
    return first.untold.length > 0 ? again() : first;
  };
  return { drivers, domains: read, uses: () => (uses ??= ask()) };
}

/** What these domains use, for one who asks once. */
export const usesOn = (drivers: HostDrivers, except?: VmUuid): Promise<Uses> =>
  neighboursOn(drivers, except).uses();

async function usesOf(drivers: HostDrivers, domains: readonly DomainUses[]): Promise<Uses> {
  const { hypervisor, storage } = drivers;
  const [pools, loops] = await Promise.all([hypervisor.pools(), storage.files.loops()]);
  const read = await pathsOf(drivers, domains, pools);
  const { doubts } = read;
  const named = [...read.named, ...loops.map(loopUse)];
  const folders = pools.map(({ folder }) => folder);
  const paths = [...new Set([...named, ...doubts].map(({ path }) => path).concat(folders))];
  const facts = new Map((await storage.files.look(paths)).map((found) => [found.path, found]));
  const factsOf = (path: string) => facts.get(path) as FileFacts;
  const uses = named.map(({ by, as, path, isWriter }): Use => ({
    by,
    as,
    isWriter,
    at: factsOf(path),
  }));
  const open = doubts.filter(({ path }) => ['file', 'block'].includes(factsOf(path).kind));
  return {
    of: (path) => uses.filter(({ at }) => overlap(at, path)),
    untold: untoldOf(drivers, [...domains, ...open]),
    pools: folders.map(factsOf),
  };
}

/** Whoever has a loop device over a file writes to it past every definition. */
const loopUse = ({ device, file }: LoopDevice): NamedUse => ({
  by: device,
  as: 'a loop device over it',
  path: file,
  isWriter: true,
});

/**
 * Of these paths on a host, those that another domain uses, or may use, with who: they are neither renamed nor removed. A domain
 * that cannot be read may use all of them, unless a person has said that it does not (`isUnclearFree`).
 */
export async function usedAmong(
  neighbours: Neighbours,
  paths: readonly HostPath[],
  { isUnclearFree = false } = {},
): Promise<Map<HostPath, string>> {
  if (paths.length === 0) return new Map();
  const { drivers } = neighbours;
  const uses = await neighbours.uses();
  const facts = await drivers.storage.files.look(paths);
  const [untold] = isUnclearFree ? [] : uses.untold;
  return new Map(
    paths.flatMap((path, index) => {
      const found = facts[index];
      const names = found ? namesOf(drivers.host.name, uses.of(found)) : '';
      return names || untold ? [[path, names || (untold ?? '')] as const] : [];
    }),
  );
}

/** What is at one path. */
export const lookAtOne = async ({ storage }: HostDrivers, path: string): Promise<FileFacts> => {
  const [found] = await storage.files.look([path]);
  if (found) return found;
  throw new CodedError('BUG', `${path} was not read`);
};

/** Domains that do not tell, in words. */
export const untoldOf = (
  { host }: HostDrivers,
  of: readonly Pick<DomainUses, 'by' | 'problem'>[],
): string[] =>
  of.flatMap(({ by, problem }) =>
    problem === undefined ? [] : [`what ${by} uses on ${host.name} cannot be told: ${problem}`],
  );

/** The same file under whatever name, or one within the other. */
function overlap(used: FileFacts, asked: FileFacts): boolean {
  if (used.id !== '' && used.id === asked.id) return true;
  if (used.real === asked.real) return true;
  const isWithin = (inner: FileFacts, outer: FileFacts) => inner.real.startsWith(`${outer.real}/`);
  return isWithin(used, asked) || (used.kind === 'folder' && isWithin(asked, used));
}

/** Uses of a path in words, each domain once. */
export const namesOf = (host: HostName, uses: readonly Use[]): string =>
  [...new Map(uses.map((use) => [use.by, use])).values()]
    .map(({ by, as }) => `${by} on ${host} (${as})`)
    .join(', ');
