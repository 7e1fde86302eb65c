/** Files and volumes in memory. */
import { defined } from '../../model/defined.js';
import { dirname } from 'node:path';
import { CodedError } from '../../model/errors.js';
import type { HostName, HostPath } from '../../model/ids.js';
import type { Disk, DiskInspection } from '../../model/storage.js';
import { fakeCopier, renameAll } from './copy.js';
import type {
  FileFacts,
  HostFiles,
  HostStorage,
  ImageAt,
  Layer,
  Ownership,
  StorageKind,
} from '../interfaces/storage.js';
import { filesOf, hostOf, type FakeFile, type FakeHost, type FakeWorld } from './world.js';

const CAPACITY = 64 * 1024 * 1024;
const done = <T>(value: T): Promise<T> => Promise.resolve(value);

/** The storage of one fake host. A disk whose content is `over:PATH` has that backing file. */
export function fakeStorage(world: FakeWorld, name: HostName): HostStorage {
  const host = hostOf(world, name);
  const kinds: StorageKind[] = [
    {
      abilities: { isVolume: false, canCopy: true },
      accepts: ({ source }) => source.kind === 'file',
      inspect: (disk) => done(inspectFile(disk)),
      connect: () => done(undefined),
      disconnect: () => done(undefined),
      describe: () => [],
    },
    {
      abilities: { isVolume: true, canCopy: false },
      accepts: ({ source }) => source.kind === 'network',
      inspect: () =>
        done({ capacityBytes: CAPACITY, allocatedBytes: CAPACITY, backing: [], holds: [] }),
      connect: (disk) => done(void host.volumes.add(volumeOf(disk))),
      disconnect: (disk) => done(void host.volumes.delete(volumeOf(disk))),
      describe: () => [],
    },
  ];
  const inspectFile = ({ source }: Disk): DiskInspection => {
    const path = source.kind === 'file' ? source.path : '';
    const { below, holds } = layerOf(filesOf(world, host, path).get(path));
    return {
      capacityBytes: CAPACITY,
      allocatedBytes: CAPACITY / 4,
      holds,
      backing: below ? [{ path: below as HostPath, format: 'qcow2', sizeBytes: 1000 }] : [],
    };
  };
  return {
    files: fakeFiles(world, name),
    copier: fakeCopier(world, name),
    kindOf: (disk) => {
      const kind = kinds.find((candidate) => candidate.accepts(disk));
      if (!kind) throw new CodedError('STORAGE_UNSUITABLE', `${disk.device} cannot be moved`);
      return kind;
    },
  };
}

/** What a fake disk's content says of it. */
function layerOf(file: FakeFile | undefined): { below: string | undefined; holds: string[] } {
  const content = file?.content ?? '';
  const [, below] = /over:(\S+)/.exec(content) ?? [];
  return { below, holds: (content.match(/snapshot:\S+/g) ?? []).map((s) => s.replace(':', ' ')) };
}

const volumeOf = ({ source }: Disk): string => (source.kind === 'network' ? source.name : '');

function fakeFiles(world: FakeWorld, name: HostName): HostFiles {
  const host = hostOf(world, name);
  const at = (path: string) => filesOf(world, host, path);
  const mark = (path: string, owner: string) =>
    host.marks.set(path, (host.marks.get(path) ?? new Set()).add(owner));
  const isMarked = (path: string, owner: string) => host.marks.get(path)?.has(owner) ?? false;
  const put = (path: string, content: string, like?: Ownership, isFolder = false) => {
    const owned = like ? `${like.user}:${like.group}:${like.mode}` : undefined;
    at(path).set(path, { content, isFolder, ...defined({ owned }) });
  };
  const files: HostFiles = {
    host: name,
    room: (folder) =>
      done({
        freeBytes: host.freeBytes,
        isNetworkFilesystem: false,
        isLaidOut: at(folder).has(folder) || at(folder).has(dirname(folder)),
      }),
    existing: (paths) => done(paths.filter((path) => at(path).has(path))),
    writeProbe: (folder, token) => done(put(`${folder}/.probe-${token}`, token)),
    readProbe: (folder, token) => done(at(folder).has(`${folder}/.probe-${token}`)),
    removeProbe: (folder, token) => done(void at(folder).delete(`${folder}/.probe-${token}`)),
    makeFolder: (folder, owner, like) => {
      if (!at(folder).has(folder)) {
        mark(folder, owner);
        put(folder, '', like, true);
      }
      return done(undefined);
    },
    makeDisk: async ({ source, inspection }, owner, like) => {
      const path = source.kind === 'file' ? source.path : '';
      if (at(path).has(path) && !isMarked(path, owner))
        throw new CodedError('TARGET_STALE', `${path} is there`);
      mark(path, owner);
      put(path, `empty over:${inspection.backing[0]?.path ?? ''}`, like);
      return done(undefined);
    },
    fetch: async ({ path }, { sha256, imageUrl, from, path: there, like }, owner) => {
      const existing = at(path).get(path);
      if (existing && existing.content !== sha256)
        throw new CodedError('TARGET_STALE', `${path} has another content`);
      if (existing) {
        if (host.marks.has(path)) mark(path, owner);
        return done('present' as const);
      }
      const content = imageUrl
        ? world.imageStore.get(imageUrl)
        : hostOf(world, from).files.get(there)?.content;
      if (content !== sha256) throw new CodedError('CHECKSUM_MISMATCH', `${path} arrived broken`);
      mark(path, owner);
      put(path, content, like);
      return done(imageUrl ? ('image store' as const) : ('source' as const));
    },
    removeOwned: (paths, owner) => {
      for (const path of paths.filter((candidate) => isMarked(candidate, owner))) {
        const owners = host.marks.get(path) as Set<string>;
        owners.delete(owner);
        if (owners.size > 0) continue;
        host.marks.delete(path);
        at(path).delete(path);
      }
      return done(undefined);
    },
    keep: (paths) => done(paths.forEach((path) => host.marks.delete(path))),
    owned: (paths, owner) => done(paths.filter((path) => isMarked(path, owner))),
    remove: (paths) => {
      for (const path of paths) {
        const isFull = [...at(path).keys()].some((other) => other.startsWith(`${path}/`));
        if (!isFull) at(path).delete(path);
      }
      return done(undefined);
    },
    absorb: async (overlay, base) => {
      if (!at(overlay).has(overlay)) return done(undefined);
      if (!at(base).has(base)) throw new CodedError('COMMAND_FAILED', `${base} is not on ${name}`);
      at(overlay).delete(overlay);
      host.marks.delete(overlay);
      return done(undefined);
    },
    rename: async (renames) => {
      for (const { from, to } of renames) renameAll(at(from), from, to);
      return done(undefined);
    },
    look: (paths) => done(paths.map((path) => lookAt(host, at(path), path))),
    within: (folder) =>
      done([...at(folder).keys()].filter((path) => path.startsWith(`${folder}/`)).sort()),
    chains: (images) =>
      done(images.map((image) => ({ layers: layersOf((path) => at(path).get(path), image) }))),
    // A fake file's content is its own checksum.
    sha256: async (path) => {
      const file = at(path).get(path);
      if (!file) throw new CodedError('COMMAND_FAILED', `${path} is not on ${name}`);
      return done(file.content);
    },
  };
  return files;
}

/** As a host's perl would tell it; the fake has no links. */
function lookAt(host: FakeHost, files: ReadonlyMap<string, FakeFile>, path: string): FileFacts {
  const file = files.get(path);
  const [user = '', group = '', mode = ''] = (file?.owned ?? 'root:root:0644').split(':');
  const [mount = '/', fsType = 'ext4'] =
    [...host.mounts]
      .filter(([point]) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`))
      .sort(([a], [b]) => b.length - a.length)[0] ?? [];
  return {
    path,
    real: path,
    isLink: false,
    user,
    group,
    mode,
    mount,
    fsType,
    kind: !file ? 'absent' : file.isFolder ? 'folder' : 'file',
    id: file ? `${mount}:${path}` : '',
  };
}

/** An image and what lies below it, as far as it is there. */
function layersOf(fileAt: (path: string) => FakeFile | undefined, image: ImageAt): Layer[] {
  const file = fileAt(image.path);
  if (!file) return [];
  const { below, holds } = layerOf(file);
  const next = below === undefined ? undefined : { path: below, format: 'qcow2' };
  const layer: Layer = {
    path: image.path,
    format: image.format || 'qcow2',
    holds,
    capacityBytes: CAPACITY,
    allocatedBytes: CAPACITY / 4,
    ...defined({ below: next }),
  };
  return next ? [layer, ...layersOf(fileAt, next)] : [layer];
}
