/** Who uses a host's files on other hosts, which see the same storage: asked before anything on it is removed. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostFiles } from '../../drivers/interfaces/storage.js';
import { CodedError, isAway, isShutOut } from '../../model/errors.js';
import type { HostName, HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { folderOf } from '../../model/storage.js';
import type { Deps } from '../kit/implement.js';
import { namesOf, usesOn } from './uses.js';

/** File systems of one host; on any other type a host that cannot be asked may have the same. */
const LOCAL = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'zfs', 'f2fs', 'tmpfs', 'overlay']);
/** Hosts are asked so many at a time. */
const AT_ONCE = 40;

/** All hosts. */
export type Fleet = Pick<Deps, 'inventory' | 'dataCentre'>;

/** What is asked: about files of one host, with a probe of that name. */
export interface AskedElsewhere {
  readonly host: HostDrivers;
  readonly token: string;
  /** The guest that may use them on the two hosts that its move is about: on a third one it is a user like every other. */
  readonly except?: Pick<Route, 'uuid' | 'source' | 'target'>;
}

/** What is known of other hosts. */
export interface UsedElsewhere {
  /** By path: who, in words. Only paths that somebody uses. */
  readonly users: ReadonlyMap<HostPath, string>;
  /** Hosts that do not answer and may have the same storage. */
  readonly unasked: readonly HostName[];
}

const NOBODY: UsedElsewhere = { users: new Map(), unasked: [] };

/** Each host that sees the probe is asked what its guests use. */
export async function usersElsewhere(
  fleet: Fleet,
  asked: AskedElsewhere,
  paths: readonly HostPath[],
): Promise<UsedElsewhere> {
  const { host, token } = asked;
  const known = await fleet.inventory.hosts();
  const others = known.map(({ host: { name } }) => name).filter((name) => name !== host.host.name);
  if (paths.length === 0 || others.length === 0) return NOBODY;
  const { files } = host.storage;
  // A folder goes only when it is empty: nobody has anything in it then.
  const there = (await files.look(paths)).filter(({ kind }) => kind === 'file');
  const folders = [...new Set(there.map(({ real }) => folderOf(real as HostPath)))];
  const isLocal = there.every(({ fsType }) => LOCAL.has(fsType));
  const users = new Map<HostPath, string>();
  try {
    const isProbed = await probeAll(files, folders, token);
    // A full disk takes no probe. On a file system of its own nobody else sees it; of any other nobody can say.
    if (!isProbed) return isLocal ? NOBODY : { users, unasked: others };
    const ask = (drivers: HostDrivers) => usedOn(drivers, asked, folders, there);
    const { answers, unasked } = await askHosts(fleet, others, ask);
    for (const [path, by] of answers.flat())
      users.set(path, [users.get(path), by].filter(Boolean).join(', '));
    return { users, unasked: isLocal ? [] : unasked };
  } finally {
    for (const folder of folders) await files.removeProbe(folder, token);
  }
}

/** What each of these hosts says, some at a time. One that is away, or does not let drover in, is no reason to stop, and is named. */
export async function askHosts<T>(
  { dataCentre }: Pick<Fleet, 'dataCentre'>,
  names: readonly HostName[],
  ask: (drivers: HostDrivers) => Promise<T>,
): Promise<{ answers: T[]; unasked: HostName[] }> {
  const answers: T[] = [];
  const unasked: HostName[] = [];
  const askOne = async (name: HostName): Promise<void> => {
    try {
      answers.push(await ask(await dataCentre.on(name)));
    } catch (error) {
      if (!isAway(error) && !isShutOut(error)) throw error;
      unasked.push(name);
    }
  };
  for (let from = 0; from < names.length; from += AT_ONCE)
    await Promise.all(names.slice(from, from + AT_ONCE).map(askOne));
  return { answers, unasked };
}

/** True if each folder has taken its probe. */
async function probeAll(
  files: HostFiles,
  folders: readonly HostPath[],
  token: string,
): Promise<boolean> {
  try {
    for (const folder of folders) await files.writeProbe(folder, token);
    return true;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'COMMAND_FAILED') return false;
    throw error;
  }
}

/** Of a host that sees a probe, the guests that use one of the files, or may. */
async function usedOn(
  drivers: HostDrivers,
  { token, except }: AskedElsewhere,
  probed: readonly HostPath[],
  files: readonly { readonly path: string; readonly real: string }[],
): Promise<[HostPath, string][]> {
  const seen: string[] = [];
  for (const folder of probed)
    if (await drivers.storage.files.readProbe(folder, token, folder)) seen.push(folder);
  const shared = files.filter(({ real }) => seen.includes(folderOf(real as HostPath)));
  if (shared.length === 0) return [];
  const isItsOwn = except && [except.source, except.target].includes(drivers.host.name);
  const [uses, facts] = await Promise.all([
    usesOn(drivers, isItsOwn ? except.uuid : undefined),
    drivers.storage.files.look(shared.map(({ real }) => real)),
  ]);
  return facts.flatMap((found, index): [HostPath, string][] => {
    const names = namesOf(drivers.host.name, uses.of(found));
    const path = (shared[index]?.path ?? found.path) as HostPath;
    return names === '' ? [] : [[path, names]];
  });
}
