/** Where a guest's files may be: root reads and writes there for whoever could put a path into a definition or an image (S2, S7). */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostPath } from '../../model/ids.js';
import { objection, type Objection } from '../../model/objection.js';
import { FOR_GUESTS, inSystemFolder } from '../../model/system-folders.js';
import {
  fileOf,
  targetFileOf,
  travels,
  type Disk,
  type DiskInspection,
  type DiskPlan,
} from '../../model/storage.js';

/** Folders of the system's, in which no guest has anything; where storage is registered, that alone counts. */
const SYSTEM = inSystemFolder(
  'dev',
  'run',
  'var/(?:run|lock|log|mail|backups)',
  'var/lib/(?!libvirt/)[^/]+/(?:info|private)',
);
/** Where nothing new is made besides: daemons, timers and the next boot read and run what lies there. */
const STATE_OF_OTHERS = /^\/var\/(?!lib\/(?:libvirt|nova\/instances)\/)/;
/** What libvirt keeps by names that it makes itself: saved memory, leases, locks. */
const LIBVIRTS_STATE =
  /^\/var\/lib\/libvirt\/(?:qemu\/(?!nvram\/)|(?:dnsmasq|network|swtpm|lockd|sanlock|secrets|storage|nwfilter)\/)/;
/** libvirt's own, wherever else guests' disks may be. */
const LIBVIRTS = ['/var/lib/libvirt'];

/** One file of a disk: read on the source, or written on the target. */
interface Placed {
  readonly about: string;
  readonly path: HostPath;
  readonly isReadOnly: boolean;
  /** A file that was not there before. */
  readonly isMade?: boolean;
  /** libvirt itself may have chosen the place. */
  readonly isLibvirts?: boolean;
}

/** A file outside of a host's storage, under whatever links. */
export interface Misplaced {
  readonly objection: Objection;
  /** No probe is written there either. */
  readonly folders: readonly string[];
}

/** The files of these disks on the source, with what they lie over. */
export const misplacedOnSource = (
  source: HostDrivers,
  disks: readonly { readonly disk: Disk; readonly inspection: DiskInspection }[],
): Promise<Misplaced[]> =>
  outside(
    source,
    disks.flatMap(({ disk, inspection }) => placedOf(disk, inspection, fileOf(disk))),
  );

/** The files that would be made on the target. */
export const misplacedOnTarget = (
  target: HostDrivers,
  disks: readonly DiskPlan[],
): Promise<Misplaced[]> =>
  outside(
    target,
    disks
      .filter(travels)
      .flatMap((disk) => placedOf(disk, disk.inspection, targetFileOf(disk)))
      .map((placed) => ({ ...placed, isMade: true })),
  );

/** Other files that travel: of a snapshot's memory. */
export const misplacedAmong = (
  host: HostDrivers,
  paths: readonly HostPath[],
  about: string,
): Promise<Misplaced[]> =>
  outside(
    host,
    paths.map((path) => ({ about, path, isReadOnly: false, isLibvirts: true })),
  );

function placedOf(
  { device, isReadOnly }: Disk,
  { backing }: DiskInspection,
  file: HostPath | undefined,
): Placed[] {
  if (!file) return [];
  const about = `disk ${device}`;
  const below = backing.map(({ path }) => ({ about, path, isReadOnly: true }));
  return [{ about, path: file, isReadOnly }, ...below];
}

async function outside(
  { host, hypervisor, storage }: HostDrivers,
  placed: readonly Placed[],
): Promise<Misplaced[]> {
  if (placed.length === 0) return [];
  const isAmongOthers = placed.some(({ path, isMade }) => isMade && STATE_OF_OTHERS.test(path));
  const pools = host.storage || isAmongOthers ? await hypervisor.pools() : [];
  const roots = host.storage && [
    ...host.storage,
    ...LIBVIRTS,
    ...pools.map(({ folder }) => folder),
  ];
  const known = roots ?? pools.map(({ folder }) => folder);
  const facts = await storage.files.look([...placed.map(({ path }) => path), ...known]);
  const realOf = (path: string) => facts.find((one) => one.path === path)?.real ?? path;
  const isBelow = (real: string) =>
    known.some((root) => real.startsWith(`${realOf(root).replace(/\/$/, '')}/`));
  return placed.flatMap((one): Misplaced[] => {
    const { about, path, isReadOnly, isMade = false, isLibvirts = false } = one;
    const real = realOf(path);
    const isOfSystem =
      (SYSTEM.test(real) && !(isReadOnly && FOR_GUESTS.test(real))) ||
      (isMade && STATE_OF_OTHERS.test(real) && !isBelow(real));
    const isElsewhere = roots ? !isBelow(real) : isOfSystem;
    const isOutside = isElsewhere || (!isLibvirts && LIBVIRTS_STATE.test(real));
    if (!isOutside) return [];
    const name = real === path ? path : `${path}, which is ${real}`;
    const folders = [path, real].map((one) => one.slice(0, one.lastIndexOf('/')));
    return [{ objection: outsideOf(about, name, host.name, roots !== undefined), folders }];
  });
}

const outsideOf = (about: string, name: string, host: string, isListed: boolean): Objection =>
  objection(
    about,
    isListed
      ? `is in ${name}, outside of the storage of ${host}`
      : `is in ${name}, a folder of the system of ${host}: drover reads and writes nothing of guests there`,
    `put it where guests’ disks are; \`drover hosts add ${host} --storage FOLDER\` says where that is`,
  );
