/** Disks of a VM and how a migration treats each. */
import { z } from 'zod';
import { DeviceIds } from './device.js';
import { HostPath } from './ids.js';
import { SecretRef } from './secret.js';

/** A file on the host, or a volume that QEMU reaches over the network. */
export const DiskSource = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    path: HostPath,
    /** libvirt's storage pool that the domain names it by: `type='volume'`. */
    pool: z.string().min(1).max(255).optional(),
  }),
  z.object({ kind: z.literal('block'), path: HostPath }),
  z.object({
    kind: z.literal('network'),
    protocol: z.string().regex(/^[a-z]{2,10}$/),
    name: z.string().regex(/^[A-Za-z0-9:._/-]{1,255}$/),
    /** Portals or monitors. Without any the hypervisor finds them in its own configuration (RBD). */
    hosts: z.array(z.object({ name: z.string().regex(/^[A-Za-z0-9:.-]{1,255}$/), port: z.int() })),
    /** A snapshot of the volume, which it is opened at (RBD). */
    snapshot: z
      .string()
      .regex(/^[A-Za-z0-9:._-]{1,255}$/)
      .optional(),
    /** The file on the host that names the monitors (RBD). */
    config: HostPath.optional(),
    /** As whom the hypervisor logs in there, with a secret of libvirt's (CHAP). */
    auth: z
      .object({ user: z.string().regex(/^[\x21-\x7e]{1,255}$/), secret: SecretRef })
      .optional(),
  }),
]);
export type DiskSource = z.infer<typeof DiskSource>;

/** What a disk's image is written as. */
export const DiskFormat = z.enum(['raw', 'qcow2']);
export type DiskFormat = z.infer<typeof DiskFormat>;
/** A volume that QEMU reaches over the network. */
export type NetworkSource = Extract<DiskSource, { kind: 'network' }>;

/** How an inspection says that an image is encrypted by its hypervisor. */
export const ENCRYPTED = 'its encryption';

/** In the list of what a move brings, the name of a UEFI guest's variables. No guest has a disk of that name. */
const NVRAM = 'nvram';

/** One disk as the domain's XML states it. */
export const Disk = z.object({
  /** The guest-side name, for example `vda`; libvirt's `migrate_disks` uses it. */
  device: z.string().regex(/^[a-z]{2,4}[a-z]{0,2}$/),
  source: DiskSource,
  format: DiskFormat,
  isReadOnly: z.boolean(),
  /** Other guests may write to it at the same time. */
  isShareable: z.boolean().default(false),
  /** A CD or a floppy: its medium may be changed while the guest runs. */
  isRemovable: z.boolean().optional(),
  /** Its content is encrypted by the hypervisor, with a secret of libvirt's. */
  isEncrypted: z.boolean().optional(),
  /** Where its file is missing, the drive is started empty (startupPolicy). */
  isOptional: z.boolean().optional(),
  /** Of a block device: what it is known by on both hosts, as the prechecks have proved. */
  identity: DeviceIds.optional(),
  /** Where it is to be on the target, if not where it is here (`Placement`). */
  target: DiskSource.optional(),
  /** The format that its copy is to have there, if not the one it has here (`Placement`). */
  targetFormat: DiskFormat.optional(),
});
export type Disk = z.infer<typeof Disk>;

/**
 * A UEFI guest's variables, in the list of the files that a move brings: each question that a disk's file raises is raised by
 * theirs (is it shared, whose is it, does it arrive whole, is it given back), and is answered once. They are no disk: no
 * overlay, no layers, nothing for the guest's disk jobs.
 */
export const variablesIn = (path: HostPath): Disk => ({
  device: NVRAM,
  source: { kind: 'file', path },
  format: 'raw',
  isReadOnly: false,
  isShareable: false,
});

/** True of a UEFI guest's variables among the files that a move brings. */
export const isVariables = ({ device }: { readonly device: string }): boolean => device === NVRAM;

/** A backing file below a copy-on-write disk. */
export const BackingFile = z.object({
  path: HostPath,
  format: DiskFormat,
  sizeBytes: z.number().int().nonnegative(),
});
export type BackingFile = z.infer<typeof BackingFile>;

const OPTION =
  '(?:preallocation=falloc|compat=0\\.10|cluster_size=\\d{1,8}|refcount_bits=\\d{1,2}|compression_type=zstd|lazy_refcounts=on|extended_l2=on)';
const MADE = new RegExp(`^${OPTION}(?:,${OPTION}){0,6}$`);

/** What `qemu-img` knows of a disk. Sizes in bytes. */
export const DiskInspection = z.object({
  capacityBytes: z.number().int().nonnegative(),
  allocatedBytes: z.number().int().nonnegative(),
  /** Nearest first. */
  backing: z.array(BackingFile),
  /** What the image has besides what the guest sees of it: snapshots, bitmaps. Only a copy of the file as it is has them too. */
  holds: z.array(z.string()).default([]),
  /** How a qcow2 image was made, as `qemu-img -o` takes it; only what differs from the defaults. The source says it: nothing but these. */
  made: z.string().regex(MADE).optional(),
});
export type DiskInspection = z.infer<typeof DiskInspection>;

/**
 * How one disk travels: `shared` and `volume` stay where they are (K2), `copy` travels with the guest
 * (K3), `static` is read-only and copied before the start.
 */
export const DiskPlan = Disk.extend({
  handling: z.enum(['shared', 'volume', 'copy', 'static']),
  reason: z.string(),
  inspection: DiskInspection,
  /** Its folder holds nothing but this VM, and nobody else uses anything in it: that was looked at, on the source. */
  isInOwnFolder: z.boolean().optional(),
  /** Its path is a link to shared storage, which each host has for itself: there is nothing to set aside. */
  isLink: z.boolean().optional(),
});
export type DiskPlan = z.infer<typeof DiskPlan>;

/** True for a disk whose file is to be on the target, and goes from the source. */
export const travels = ({ handling }: DiskPlan): boolean =>
  handling === 'copy' || handling === 'static';

/** Bytes that a copied disk needs on the target at the most. */
export const bytesToCopy = (disks: readonly DiskPlan[]): number =>
  disks
    .filter((disk) => disk.handling === 'copy' || disk.handling === 'static')
    .reduce((sum, disk) => sum + disk.inspection.capacityBytes, 0);

/** Disks whose content travels. */
export const copiedDisks = (disks: readonly DiskPlan[]): DiskPlan[] =>
  disks.filter(({ handling }) => handling === 'copy');

/** A disk's own file; `undefined` for a volume. */
export const fileOf = ({ source }: Disk): HostPath | undefined =>
  source.kind === 'file' ? source.path : undefined;

/** Where its content is on the source: a file, or a block device; `undefined` for a volume that QEMU reaches over the network. */
export const imageOf = ({ source }: Disk): HostPath | undefined =>
  source.kind === 'network' ? undefined : source.path;

/** What the disk is on the target: after the prechecks nobody reads its source for that. */
export const targetSourceOf = ({ source, target }: Disk): DiskSource => target ?? source;

/** The disk as its target has it, for the target's drivers. */
export const onTarget = <D extends Disk>(disk: D): D => ({
  ...disk,
  source: targetSourceOf(disk),
  format: formatThere(disk),
});

/** The format that it has on the target: an image that comes into a block device is a raw one. */
export const formatThere = (disk: Disk): Disk['format'] =>
  targetSourceOf(disk).kind === 'block' && disk.source.kind === 'file'
    ? 'raw'
    : (disk.targetFormat ?? disk.format);

/** The file that a disk is on the target; `undefined` for a volume. */
export const targetFileOf = (disk: Disk): HostPath | undefined => fileOf(onTarget(disk));

/** The block device of the target’s into which its content is written; of a device that both hosts see there is none. */
export const deviceInto = (disk: DiskPlan): HostPath | undefined => {
  const to = targetSourceOf(disk);
  return travels(disk) && to.kind === 'block' ? to.path : undefined;
};

/** The block device of the source’s that it leaves: drover removes none. */
export const deviceLeft = (disk: DiskPlan): HostPath | undefined =>
  travels(disk) && disk.source.kind === 'block' ? disk.source.path : undefined;

/** True for a copy between a device and a file, or between two devices. */
export const isOfDevice = (disk: DiskPlan): boolean =>
  deviceInto(disk) !== undefined || deviceLeft(disk) !== undefined;

/** True if only what the guest sees of it travels, without what its image has besides and without what lies below it: into a device or out of one, or into another format. */
export const isConverted = (disk: DiskPlan): boolean =>
  isOfDevice(disk) || (travels(disk) && formatThere(disk) !== disk.format);

/** True for a disk that is to be somewhere else on the target. */
export const isPlacedElsewhere = (disk: Disk): boolean => targetFileOf(disk) !== fileOf(disk);

/** The files of the disks that travel, as the source has them: what it no longer needs after. */
export const travellingFiles = (disks: readonly DiskPlan[]): HostPath[] =>
  disks.filter(travels).flatMap((disk) => fileOf(disk) ?? []);

/** The same as the target is to have them: what it lacks before. */
export const arrivingFiles = (disks: readonly DiskPlan[]): HostPath[] =>
  disks.filter(travels).flatMap((disk) => targetFileOf(disk) ?? []);

/** The pools, by name, that list disks of the guest: on the source, and on the target. */
export const poolsOf = (disks: readonly Disk[]): { here: string[]; there: string[] } => {
  const named = (sources: readonly DiskSource[]) => [
    ...new Set(sources.flatMap((one) => (one.kind === 'file' && one.pool ? [one.pool] : []))),
  ];
  return {
    here: named(disks.map(({ source }) => source)),
    there: named(disks.map(targetSourceOf)),
  };
};

/** The folder of a file. */
export const folderOf = (path: HostPath): HostPath =>
  HostPath.parse(path.slice(0, path.lastIndexOf('/')) || '/');

/** A folder that is named after the VM may be its own; whether it is has to be looked at. */
export const isNamedAfter = (folder: string, vm: { name: string; uuid: string }): boolean =>
  [vm.name, vm.uuid].some((name) => folder.endsWith(`/${name}`));

/** The VM's own folder, if the disk lies in it. Runs of the release before 0.2 have not looked, and go by the name to their end. */
export function ownFolderOf(
  disk: DiskPlan,
  vm: { name: string; uuid: string },
): HostPath | undefined {
  const path = fileOf(disk);
  if (!path) return undefined;
  const folder = folderOf(path);
  return (disk.isInOwnFolder ?? isNamedAfter(folder, vm)) ? folder : undefined;
}

/** The VM's own folder on the target. One that a placement names is its own if it is named after the VM. */
export function ownFolderOnTarget(
  disk: DiskPlan,
  vm: { name: string; uuid: string },
): HostPath | undefined {
  if (!isPlacedElsewhere(disk)) return ownFolderOf(disk, vm);
  const path = targetFileOf(disk);
  const folder = path && folderOf(path);
  return folder && isNamedAfter(folder, vm) ? folder : undefined;
}

/** What is renamed to set a VM aside (C2): its own folder, else the file itself. */
export interface SetAside {
  readonly from: HostPath;
  readonly to: HostPath;
}

/** The same rename, back. */
export const reversed = ({ from, to }: SetAside): SetAside => ({ from: to, to: from });

/** `X` to `X_resize` for everything writable that the VM has in files, each once. */
export function setAsidesOf(
  disks: readonly DiskPlan[],
  vm: { name: string; uuid: string },
): SetAside[] {
  const units = disks
    .filter(({ isReadOnly, isLink }) => !isReadOnly && !isLink)
    .flatMap((disk) => ownFolderOf(disk, vm) ?? fileOf(disk) ?? []);
  return [...new Set(units)].map((from) => ({ from, to: HostPath.parse(`${from}_resize`) }));
}

/** Where a file is while its VM is set aside. */
export function asideOf(path: HostPath, asides: readonly SetAside[]): HostPath {
  const unit = asides.find(({ from }) => path === from || path.startsWith(`${from}/`));
  return unit ? HostPath.parse(`${unit.to}${path.slice(unit.from.length)}`) : path;
}

/**
 * Files of a VM that its source no longer needs: what travelled, and what lay below it in the VM's own folder. A read-only
 * or a backing file elsewhere may be others' too, and stays.
 */
export const surplusFiles = (
  disks: readonly DiskPlan[],
  vm: { name: string; uuid: string },
): HostPath[] =>
  disks.filter(travels).flatMap((disk) => {
    const own = ownFolderOf(disk, vm);
    const isOwn = (path: HostPath) => folderOf(path) === own;
    const below = disk.inspection.backing.map(({ path }) => path).filter(isOwn);
    const path = fileOf(disk);
    return path && (!disk.isReadOnly || isOwn(path)) ? [path, ...below] : below;
  });

/** Room on the filesystem that holds a folder, or would hold it. */
export interface Room {
  readonly freeBytes: number;
  /** A filesystem that several hosts mount: what is on it need not be copied. */
  readonly isNetworkFilesystem: boolean;
  /** The folder's parent exists: the host is laid out for such VMs. */
  readonly isLaidOut: boolean;
}
