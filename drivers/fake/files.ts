/** Files in memory; their marks are kept beside them. */
import { defined } from '../../model/defined.js';
import { dirname } from 'node:path';
import { CodedError } from '../../model/errors.js';
import type { HostName } from '../../model/ids.js';
import type { FileOrigin, HostFiles, Ownership, Staying } from '../interfaces/storage.js';
import { chainAt } from './chains.js';
import { renameAll } from './copy.js';
import { lookAt } from './look.js';
import {
  filesOf,
  hostOf,
  newInode,
  requireRoomFor,
  type FakeFile,
  type FakeHost,
  type FakeWorld,
} from './world.js';

const done = <T>(value: T): Promise<T> => Promise.resolve(value);
const probeAt = (folder: string, token: string) => `${folder}/.drover-probe-${token}`;
const failed = (why: string) => new CodedError('COMMAND_FAILED', why);

/** Which migrations have marked what. */
interface Marked {
  mark(path: string, owner: string): void;
  isMarked(path: string, owner: string): boolean;
}

const markedOn = ({ marks }: FakeHost): Marked => ({
  mark: (path, owner) => {
    requireRoomFor(`${path}.drover-${owner}`);
    marks.set(path, (marks.get(path) ?? new Set()).add(owner));
  },
  isMarked: (path, owner) => marks.get(path)?.has(owner) ?? false,
});

/** The files of one fake host. */
export function fakeFiles(world: FakeWorld, name: HostName): HostFiles {
  const host = hostOf(world, name);
  const at = (path: string) => filesOf(world, host, path);
  const marked = markedOn(host);
  const { mark, isMarked } = marked;
  const isFull = (folder: string) =>
    [...at(folder).keys()].some((other) => other.startsWith(`${folder}/`));
  const put = (path: string, content: string, like?: Ownership, isFolder = false) => {
    if (!at(dirname(path)).get(dirname(path))?.isFolder)
      throw failed(`${dirname(path)} is no folder of ${name}`);
    requireRoomFor(path);
    const owned = like ? `${like.user}:${like.group}:${like.mode}` : undefined;
    at(path).set(path, { inode: newInode(), content, isFolder, ...defined({ owned }) });
  };
  return {
    host: name,
    room: (folder) =>
      done({
        freeBytes: host.freeBytes,
        isNetworkFilesystem: false,
        isLaidOut: at(folder).has(folder) || at(folder).has(dirname(folder)),
      }),
    existing: (paths) => done(paths.filter((path) => at(path).has(path))),
    writeProbe: async (folder, token) => put(probeAt(folder, token), folder),
    readProbe: (folder, token, of = folder) =>
      done(at(folder).get(probeAt(folder, token))?.content === of),
    removeProbe: (folder, token) => done(void at(folder).delete(probeAt(folder, token))),
    makeFolder: async (folder, owner, like) => {
      if (at(folder).has(folder)) return;
      put(folder, '', like, true);
      mark(folder, owner);
    },
    makeDisk: async ({ source, inspection }, owner, like) => {
      const path = source.kind === 'file' ? source.path : '';
      if (at(path).has(path) && isMarked(path, owner)) return;
      if (at(path).has(path)) throw new CodedError('TARGET_STALE', `${path} is there`);
      const [below] = inspection.backing;
      put(path, below ? `empty over:${below.path}` : 'empty', like);
      mark(path, owner);
      host.signed.set(path, at(path).get(path)?.inode);
    },
    fetch: async ({ path }, origin, owner) => {
      const existing = at(path).get(path);
      if (existing && existing.content !== origin.sha256)
        throw new CodedError('TARGET_STALE', `${path} has another content`);
      if (existing) {
        if (host.marks.has(path)) mark(path, owner);
        return 'present';
      }
      // Whatever comes of it, there is something of this migration's to remove.
      mark(path, owner);
      if (origin.bytes > host.freeBytes)
        throw new CodedError('TARGET_DISK_FULL', `no room for ${path}`);
      const { from, content } = arriving(world, origin);
      if (content.length > origin.bytes)
        throw new CodedError(
          'CHECKSUM_MISMATCH',
          `${origin.from} sends more of ${path} than the ${origin.bytes} bytes that it has said`,
        );
      if (content !== origin.sha256)
        throw new CodedError('CHECKSUM_MISMATCH', `${path} arrived broken`);
      put(path, content, origin.like);
      host.signed.set(path, at(path).get(path)?.inode);
      return from;
    },
    removeOwned: async (paths, owner) => {
      const stays: Staying[] = [];
      for (const path of paths.filter((candidate) => isMarked(candidate, owner))) {
        const owners = host.marks.get(path) as Set<string>;
        const isLast = owners.size === 1;
        const isIn = (other: string) => other.startsWith(`${path}/`) && isMarked(other, owner);
        if (isLast && [...host.marks.keys()].some(isIn)) throw failed(`${path} is not empty`);
        owners.delete(owner);
        if (!isLast) continue;
        host.marks.delete(path);
        const file = at(path).get(path);
        if (file && isAnother(file, host.signed.get(path)))
          stays.push({ path, because: 'another file' });
        else if (isFull(path)) stays.push({ path, because: 'not empty' });
        else at(path).delete(path);
      }
      return stays;
    },
    keep: async (paths, owner) => {
      for (const path of paths)
        if (owner === undefined) host.marks.delete(path);
        else dropMark(host, path, owner);
    },
    keepLast: async (paths, owner) => {
      for (const path of paths)
        if (at(path).has(path)) host.marks.set(path, new Set([`last-${owner}`]));
    },
    last: (paths, owner) => done(paths.filter((path) => isMarked(path, `last-${owner}`))),
    owned: (paths, owner) => done(paths.filter((path) => isMarked(path, owner))),
    remove: (paths) => {
      for (const path of paths) if (!isFull(path)) at(path).delete(path);
      return done(undefined);
    },
    absorb: async (overlay, base) => {
      if (!at(overlay).has(overlay)) return;
      if (!at(base).has(base)) throw failed(`${base} is not on ${name}`);
      at(overlay).delete(overlay);
      host.marks.delete(overlay);
    },
    rename: async (renames) => {
      for (const { from, to } of renames) {
        renameAll(at(from), from, to);
        moveMarks(host, from, to);
      }
    },
    look: (paths) => done(paths.map((path) => lookAt(world, host, path))),
    within: (folder) => done([...at(folder).keys()].filter((p) => p.startsWith(`${folder}/`))),
    loops: () => done(host.loops ?? []),
    chains: (images) => done(images.map((i) => chainAt((path) => at(path).get(path), i))),
    // A fake file's content is its own checksum.
    sha256: async (path) => {
      const file = at(path).get(path);
      if (!file) throw failed(`${path} is not on ${name}`);
      return file.content;
    },
  };
}

/** Than the one that was marked. */
const isAnother = ({ inode }: FakeFile, signed: number | undefined): boolean =>
  signed !== undefined && inode !== undefined && signed !== inode;

/** From the image store; whatever keeps it from answering, the source still has the file. */
function arriving(world: FakeWorld, { imageUrl, from, path }: FileOrigin) {
  const stored = imageUrl === undefined ? undefined : world.imageStore.get(imageUrl);
  if (stored !== undefined) return { from: 'image store' as const, content: stored };
  const file = filesOf(world, hostOf(world, from), path).get(path);
  if (!file) throw failed(`${path} is not on ${from}`);
  return { from: 'source' as const, content: file.content };
}

/** The marks of what is in a folder go with it; its own stands beside it, and stays. */
function moveMarks({ marks }: FakeHost, from: string, to: string): void {
  for (const [path, owners] of [...marks]) {
    if (!path.startsWith(`${from}/`)) continue;
    marks.delete(path);
    marks.set(`${to}${path.slice(from.length)}`, owners);
  }
}

/** A file that nobody marks has no entry. */
function dropMark({ marks }: FakeHost, path: string, owner: string): void {
  const owners = marks.get(path);
  owners?.delete(owner);
  if (owners?.size === 0) marks.delete(path);
}
