/** Volumes and file disks in memory. */
import { CodedError } from '../../model/errors.js';
import type { HostName } from '../../model/ids.js';
import type { Disk } from '../../model/storage.js';
import { isActive } from '../../model/vm.js';
import { PROTOCOLS } from '../../guest/account/disks.js';
import { inspectionOf } from '../storage/qemu-img.js';
import type { HostStorage, StorageKind } from '../interfaces/storage.js';
import { chainAt } from './chains.js';
import { fakeCopier } from './copy.js';
import { blockKind } from '../storage/block.js';
import { fakeDevices } from './devices.js';
import { fakeFiles } from './files.js';
import { findSecret } from './secrets.js';
import { CAPACITY, filesOf, hostOf, type FakeWorld } from './world.js';

const done = <T>(value: T): Promise<T> => Promise.resolve(value);

/** The storage of one fake host. */
export function fakeStorage(world: FakeWorld, name: HostName): HostStorage {
  const devices = fakeDevices(world, hostOf(world, name));
  // What a device is to a move is told by its facts alone.
  const kinds = [fileKind(world, name), blockKind(name, devices), volumeKind(world, name)];
  return {
    devices,
    files: fakeFiles(world, name),
    copier: fakeCopier(world, name),
    kindOf: (disk) => {
      const kind = kinds.find((candidate) => candidate.accepts(disk));
      if (!kind) throw new CodedError('STORAGE_UNSUITABLE', `${disk.device} cannot be moved`);
      return kind;
    },
  };
}

/** A disk whose content is `over:PATH` has that backing file. */
function fileKind(world: FakeWorld, name: HostName): StorageKind {
  const host = hostOf(world, name);
  return {
    abilities: { isVolume: false, canCopy: true, hasIdentity: false },
    accepts: ({ source }) => source.kind === 'file',
    inspect: async ({ source, format }) => {
      const path = source.kind === 'file' ? source.path : '';
      const chain = chainAt((at) => filesOf(world, host, at).get(at), { path, format });
      return inspectionOf(chain, name, path);
    },
    connect: () => done(undefined),
    disconnect: () => done(undefined),
    openers: () => done(undefined),
    describe: () => [],
  };
}

/** Ceph tells who watches an image: every guest that is on and has it, wherever that is, and what else does. */
function openersOf({ hosts, watchers }: FakeWorld, source: Disk['source']): string[] | undefined {
  if (source.kind !== 'network' || source.protocol !== 'rbd') return undefined;
  const guests = [...hosts.values()].flatMap(({ record, guests: all }) =>
    [...all.values()]
      .filter(({ state, xml }) => isActive(state) && xml.includes(`name='${source.name}'`))
      .map(() => record.name),
  );
  return [...guests, ...watchers];
}

/** Every portal of the world has every volume. */
function volumeKind(world: FakeWorld, name: HostName): StorageKind {
  const { volumes } = hostOf(world, name);
  const volumeOf = ({ source, device }: Disk): string => {
    const portal = source.kind === 'network' ? source.hosts[0] : undefined;
    if (source.kind !== 'network' || !portal)
      throw new CodedError('STORAGE_UNSUITABLE', `${device} names no iSCSI portal`);
    const lost = `${name} cannot read the volume of ${device}`;
    if (source.auth && findSecret(hostOf(world, name), source.auth.secret)?.value === undefined)
      throw new CodedError('VOLUME_UNREACHABLE', `${lost}: it has no password for it`);
    if (world.portals.includes(portal.name)) return source.name;
    throw new CodedError('VOLUME_UNREACHABLE', lost);
  };
  return {
    abilities: { isVolume: true, canCopy: false, hasIdentity: false },
    accepts: ({ source }) => source.kind === 'network' && source.protocol in PROTOCOLS,
    inspect: async (disk) => {
      volumeOf(disk);
      return { capacityBytes: CAPACITY, allocatedBytes: CAPACITY, backing: [], holds: [] };
    },
    connect: async (disk) => void volumes.add(volumeOf(disk)),
    disconnect: async ({ source }) =>
      void volumes.delete(source.kind === 'network' ? source.name : ''),
    openers: ({ source }) => done(openersOf(world, source)),
    describe: () => [],
  };
}
