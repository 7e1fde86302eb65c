/** Files of the target that the guest would read as its own, or that its start would empty, replace or add to. */
import { HostPath, type HostName } from '../../model/ids.js';
import type { Need } from '../../model/need.js';
import { objection, type Objection } from '../../model/objection.js';
import { namesOf } from '../host/uses.js';
import type { Question } from './objections.js';

/** The word for all: a person has looked at the file. */
const OTHER_FILE = 'other-file';

/** Files that the guest reads and that are others on the target: it would start as another guest. */
export async function differingFiles({ vm, source, target, move }: Question): Promise<Objection[]> {
  const asked = pathsNeeded({ vm, move }, 'same file');
  const found = await Promise.all(
    asked.map(async ({ about, path }): Promise<Objection[]> => {
      const both = [source, target].map(({ storage }) => storage.files);
      const there = await Promise.all(both.map((files) => files.existing([path])));
      const [here, beyond] = there.map((found) => found.length > 0);
      // What the target lacks is told as that. What the source lacks cannot be compared: the target's may be anybody's.
      if (!beyond) return [];
      if (!here) return [unseen(about, path, source.host.name)];
      const [mine, theirs] = await Promise.all(both.map((files) => files.sha256(path)));
      return mine === theirs ? [] : [other(about, path, target.host.name)];
    }),
  );
  return found.flat();
}

/**
 * What is at a path where the guest's start makes a file or a socket anew, with who uses it there: QEMU would empty the file, and
 * take the socket from who listens on it.
 */
export async function filesInTheWay({
  vm,
  target,
  neighbours,
  move,
}: Question): Promise<Objection[]> {
  // libvirt shows a guest's first serial port as its console, too.
  const asked = pathsNeeded({ vm, move }, 'new file').filter(
    ({ path }, index, all) => all.findIndex((one) => one.path === path) === index,
  );
  if (asked.length === 0) return [];
  const paths = asked.map(({ path }) => path);
  const [facts, uses] = await Promise.all([target.storage.files.look(paths), neighbours.uses()]);
  return facts.flatMap((found, index) => {
    const users = uses.of(found);
    const isEmpty = found.kind === 'file' && found.sizeBytes === 0;
    if (users.length === 0 && (found.kind === 'absent' || isEmpty)) return [];
    const whose = users.length > 0 ? `is used by ${namesOf(target.host.name, users)}` : 'is there';
    return [
      objection(
        asked[index]?.about ?? '',
        `would be made anew at ${found.path} on ${target.host.name}, which ${whose}`,
        found.kind === 'other'
          ? 'end who listens there, or give the guest another path (virsh edit)'
          : `move that file away, or give the guest another path (virsh edit); with append='on' it is only added to`,
        { accept: OTHER_FILE },
      ),
    ];
  });
}

/** Files of other guests that this one would write into, or read as its own while they are written. */
export async function filesOfOthers({
  vm,
  target,
  neighbours,
  move,
}: Question): Promise<Objection[]> {
  const asked = [...SHARED_WITH_NONE, ...SHARED_WITH_READERS].flatMap((is) =>
    pathsNeeded({ vm, move }, is).map((one) => ({ ...one, is })),
  );
  if (asked.length === 0) return [];
  const paths = asked.map(({ path }) => path);
  const [facts, uses] = await Promise.all([target.storage.files.look(paths), neighbours.uses()]);
  return asked.flatMap(({ about, path, is }, index) => {
    const found = facts[index];
    const all = found ? uses.of(found) : [];
    const isWritten = SHARED_WITH_NONE.includes(is);
    const users = isWritten ? all : all.filter(({ isWriter }) => isWriter);
    if (users.length === 0) return [];
    const names = namesOf(target.host.name, users);
    return [
      objection(
        about,
        isWritten
          ? `would write into ${path}, which is used by ${names}`
          : `is ${path}, which ${names} writes to`,
        'name another file (virsh edit)',
        { accept: OTHER_FILE },
      ),
    ];
  });
}

type PathIs = Extract<Need, { kind: 'path' }>['is'];
const SHARED_WITH_NONE: readonly PathIs[] = ['appended file'];
/** Kernels, firmware and the like are read by many guests, and written by none. */
const SHARED_WITH_READERS: readonly PathIs[] = ['file', 'same file', 'anything', 'template'];

/** Paths that the guest needs for this move in that way, with what needs them. */
const pathsNeeded = (
  { vm, move }: Pick<Question, 'vm' | 'move'>,
  is: PathIs,
): { about: string; path: HostPath }[] =>
  vm.needs.flatMap(({ about, need, moves }) => {
    if (need.kind !== 'path' || need.is !== is || !moves.includes(move)) return [];
    const path = HostPath.safeParse(need.path).data;
    return path ? [{ about, path }] : [];
  });

const unseen = (about: string, path: HostPath, host: HostName): Objection =>
  objection(
    about,
    `is ${path}, which ${host} does not have: whether the target’s is the guest’s cannot be told`,
    'bring it back, or name another (virsh edit)',
    { accept: OTHER_FILE },
  );

const other = (about: string, path: HostPath, host: HostName): Objection =>
  objection(about, `is ${path}, which is another file on ${host}`, `copy it to ${host}`, {
    accept: OTHER_FILE,
  });
