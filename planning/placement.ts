/** Where a guest's disks and ports are to be on a target, by the maps of the request and of the host. */
import { Device, HostPath } from '../model/ids.js';
import { sidesOf, type Mapped } from '../model/mapping.js';
import type { Port } from '../model/network.js';
import type { Placement } from '../model/placement.js';
import { DiskFormat, poolsOf, type Disk } from '../model/storage.js';
import type { Vm } from '../model/vm.js';

/** A storage pool of the target's, as far as it says where volumes are. */
export interface PoolThere {
  readonly name: string;
  readonly folder: string;
  readonly isOfFiles: boolean;
  readonly isActive: boolean;
}

/**
 * By the first of the lists that says something of it: the request's own come before the host's.
 * @param pools the target's: a volume goes to the pool of its pool's name, or of the name that a map gives it
 */
export function placementBy(
  vm: Vm,
  lists: readonly (readonly string[])[],
  pools: readonly PoolThere[] = [],
): Placement {
  const rules = lists.map((maps) => maps.map(sidesOf));
  return {
    disks: Object.fromEntries(vm.disks.flatMap((disk) => placeOfDisk(disk, rules, pools))),
    formats: Object.fromEntries(vm.disks.flatMap((disk) => formatOfDisk(disk, rules))),
    ports: Object.fromEntries(vm.ports.flatMap((port) => placeOfPort(port, rules))),
  };
}

/** Maps that meet nothing of the guest: most likely they were mistyped. */
export const idleMaps = (vm: Vm, maps: readonly string[]): string[] =>
  maps.filter((map) => {
    const { disks, formats = {}, ports } = placementBy(vm, [[map]]);
    const isOfPool = poolsOf(vm.disks).here.some((pool) => sidesOf(map).from === `${POOL}${pool}`);
    return !isOfPool && ![disks, formats, ports].some((places) => Object.keys(places).length > 0);
  });

function placeOfDisk(
  disk: Disk,
  lists: readonly (readonly Mapped[])[],
  pools: readonly PoolThere[],
): [string, Placement['disks'][string]][] {
  if (disk.source.kind === 'network') return [];
  const { kind, path } = disk.source;
  for (const rules of lists) {
    const rule = innermost(
      rules.filter(
        ({ from, to }) =>
          path.startsWith(`${from}/`) || ((kind === 'block' || isDevice(to)) && path === from),
      ),
    );
    if (!rule) continue;
    const to = HostPath.parse(`${rule.to}${path.slice(rule.from.length)}`);
    return [[disk.device, { kind: kindThere(kind, path, to), path: to }]];
  }
  if (kind === 'block') return [];
  const wanted = poolThereOf(disk, lists);
  const pool = pools.find(
    ({ name, isOfFiles, isActive }) => name === wanted && isOfFiles && isActive,
  );
  const volume = path.slice(path.lastIndexOf('/') + 1);
  return pool
    ? [
        [
          disk.device,
          { kind: 'file', path: HostPath.parse(`${pool.folder}/${volume}`), pool: pool.name },
        ],
      ]
    : [];
}

const FORMAT = 'format:';

/** Of a disk that may be written as another image: what nobody writes to is brought as it is. */
function formatOfDisk(disk: Disk, lists: readonly (readonly Mapped[])[]): [string, DiskFormat][] {
  if (disk.source.kind === 'network' || disk.isReadOnly) return [];
  const rule = lists.flat().find(({ from }) => from === `${FORMAT}${disk.format}`);
  return rule ? [[disk.device, DiskFormat.parse(rule.to.slice(FORMAT.length))]] : [];
}

const isDevice = (path: string): boolean => path.startsWith('/dev/');

/** What has a name below /dev on the target is a device there; a device that goes to any other place is a file there. */
const kindThere = (kind: 'file' | 'block', path: string, to: string): 'file' | 'block' => {
  if (isDevice(to)) return 'block';
  return isDevice(path) ? 'file' : kind;
};

/** The pool that a volume is to be in; `undefined` for a disk that is no volume of a pool. */
export function poolThereOf(
  { source }: Disk,
  lists: readonly (readonly Mapped[])[],
): string | undefined {
  if (source.kind !== 'file' || source.pool === undefined) return undefined;
  const rule = lists.flat().find(({ from }) => from === `${POOL}${source.pool}`);
  return rule ? rule.to.slice(POOL.length) : source.pool;
}

/** What keeps a guest's volumes from a host, in words: pools that are not there, each once. */
export function poolObjections(
  vm: Vm,
  lists: readonly (readonly string[])[],
  { disks }: Placement,
  pools: readonly PoolThere[],
): string[] {
  const rules = lists.map((maps) => maps.map(sidesOf));
  const lacking = vm.disks
    .filter(({ device }) => disks[device] === undefined)
    .flatMap((disk) => poolThereOf(disk, rules) ?? []);
  return [...new Set(lacking)].map((name) =>
    pools.some((pool) => pool.name === name)
      ? `its storage pool ${name} is off, or no pool of files: virsh pool-start ${name}`
      : `it has no storage pool ${name}: virsh pool-define-as, or --map-storage pool:${name}=pool:OTHER`,
  );
}

const POOL = 'pool:';

/** Of two folders, one in the other, the inner one is meant. */
const innermost = (rules: readonly Mapped[]): Mapped | undefined =>
  [...rules].sort((a, b) => b.from.length - a.from.length)[0];

const NETWORK = 'network:';

function placeOfPort(
  { mac, bridge, network }: Port,
  lists: readonly (readonly Mapped[])[],
): [string, Placement['ports'][string]][] {
  // A port of a network is on a bridge as well, which that network names on each host.
  const name = network === undefined ? bridge : `${NETWORK}${network}`;
  const rule = lists.flat().find(({ from }) => from === name);
  if (!rule) return [];
  const to = rule.to.startsWith(NETWORK)
    ? { network: rule.to.slice(NETWORK.length) }
    : { bridge: Device.parse(rule.to) };
  return [[mac, to]];
}
