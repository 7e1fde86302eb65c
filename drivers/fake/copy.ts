/** Renames and copies in memory. */
import { defined } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { HostName } from '../../model/ids.js';
import type { CopyOrder, DiskCopier } from '../interfaces/copy.js';
import {
  filesOf,
  hostOf,
  newInode,
  requireRoomFor,
  type FakeFile,
  type FakeHost,
  type FakeWorld,
} from './world.js';

/** Renames a file, or a folder with what is in it. @throws SOURCE_STALE if both names are there, or neither */
export function renameAll(files: Map<string, FakeFile>, from: string, to: string): void {
  if (files.has(from) === files.has(to))
    throw new CodedError('SOURCE_STALE', `${from} and ${to} are both there, or neither`);
  if (!files.has(from)) return;
  requireRoomFor(to);
  for (const [path, file] of [...files]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    files.delete(path);
    files.set(`${to}${path.slice(from.length)}`, file);
  }
}

/** A copier whose copies arrive at once; a flat image has its chain's content in one. */
export function fakeCopier(world: FakeWorld, name: HostName): DiskCopier {
  const host = hostOf(world, name);
  return {
    copy: async ({ owner, way, from, chain, to, like, isIntoDevice }) => {
      if (isIntoDevice) return fill(world, host, { owner, from, chain, to });
      const marks = host.marks.get(to) ?? new Set();
      const at = filesOf(world, host, to);
      requireRoomFor(`${to}.drover-${owner}`);
      if (at.has(to) && marks.has(owner)) return;
      const [top, ...backing] = chain.map(({ path }) => contentOf(world, from, path));
      const content = way === 'scp' ? top : flat(top ?? '', backing);
      const original = filesOf(world, hostOf(world, from), like).get(like);
      if (!original && !hostOf(world, from).devices.has(like))
        throw new CodedError('COPY_FAILED', `${like} is not on ${from}`);
      if (at.has(to)) throw new CodedError('TARGET_STALE', `${to} is there`);
      const owned = original?.owned;
      host.marks.set(to, marks.add(owner));
      const inode = newInode();
      at.set(to, { inode, content: content ?? '', isFolder: false, ...defined({ owned }) });
      host.signed.set(to, inode);
    },
    cleanUp: () => Promise.resolve(),
    flatten: async (chain, to) => {
      const [top, ...backing] = chain.map(({ path }) => contentOf(world, name, path));
      host.files.set(to, { content: flat(top ?? '', backing), isFolder: false });
      return Promise.resolve();
    },
  };
}

/** Only a device that was taken for it. */
function fill(
  world: FakeWorld,
  host: FakeHost,
  { owner, from, chain, to }: Pick<CopyOrder, 'owner' | 'from' | 'chain' | 'to'>,
): void {
  const device = host.devices.get(to);
  if (device?.taken?.owner !== owner) throw new CodedError('TARGET_STALE', `${to} was not taken`);
  if (device.taken.state === 'empty' && device.content !== '')
    throw new CodedError('TARGET_STALE', `${to} has data on it by now`);
  const [top, ...backing] = chain.map(({ path }) => contentOf(world, from, path));
  device.content = flat(top ?? '', backing);
  device.taken = { ...device.taken, state: 'arrived' };
}

const flat = (top: string, backing: readonly string[]): string =>
  [top.replace(/ (?:over|snapshot):\S+/g, ''), ...backing].join(' + ');

function contentOf(world: FakeWorld, name: HostName, path: string): string {
  const device = hostOf(world, name).devices.get(path);
  const file = device ?? filesOf(world, hostOf(world, name), path).get(path);
  if (!file) throw new CodedError('COPY_FAILED', `${path} is not on ${name}`);
  return file.content;
}
