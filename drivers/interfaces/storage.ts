/** What drover needs of a host's storage: files, probes, and volumes, by ability and not by kind. */
import type { HostDevices } from './devices.js';
import type { FreePath, FreeRename } from './free.js';
import type { DiskCopier } from './copy.js';
import type { HostName, HostPath, MigrationId } from '../../model/ids.js';
import type { BackingFile, Disk, DiskInspection, DiskPlan } from '../../model/storage.js';
import type { Room } from '../../model/storage.js';

/** What a kind of disk can do; callers branch on these and never on the kind. */
export interface StorageAbilities {
  /** The same content is reached from every host by nature: nothing is probed, nothing copied. */
  readonly isVolume: boolean;
  /** The hypervisor can copy it while the guest runs. */
  readonly canCopy: boolean;
  /** What it is can be told on every host that sees it: two hosts have the same one if that is the same. */
  readonly hasIdentity: boolean;
}

/** An image where it lies; an empty format is what the image itself says. */
export interface ImageAt {
  readonly path: string;
  readonly format: string;
}

/** One image of a chain. */
export interface Layer extends ImageAt {
  readonly capacityBytes: number;
  readonly allocatedBytes: number;
  /** Its backing file. */
  readonly below?: ImageAt;
  /** Its snapshots and bitmaps, by name. */
  readonly holds: readonly string[];
  /** How it was made, as `qemu-img -o` takes it: what differs from the defaults. */
  readonly made?: string;
  /** Where its data are, if not in itself. */
  readonly dataFile?: string;
}

/** An image with all that it lies over, as far as it can be read; `problem` says how that ended. */
export interface Chain {
  readonly layers: readonly Layer[];
  readonly problem?: string;
  /** The image that could not be read: what it lies over is not known. Without one, all names are known. */
  readonly problemAt?: string;
}

/** One kind of storage on one host. */
export interface StorageKind {
  readonly abilities: StorageAbilities;
  accepts(disk: Disk): boolean;
  /** Sizes and the chain of backing files. @throws STORAGE_UNSUITABLE */
  inspect(disk: Disk): Promise<DiskInspection>;
  /** Makes the volume usable here and proves it by reading. @throws VOLUME_UNREACHABLE */
  connect(disk: Disk): Promise<void>;
  /** Ends this host's connection; an absent one is fine. */
  disconnect(disk: Disk): Promise<void>;
  /**
   * Who has it open to write, by address, also on hosts that answer nobody; `undefined` if the storage itself does not tell. One
   * that died is told for half a minute more.
   */
  openers(disk: Disk): Promise<readonly string[] | undefined>;
  /** The commands that connect would run, for a dry run. */
  describe(disk: Disk): string[];
}

/** Whose a file is, and what may be done with it. Names, since numbers differ from host to host. */
export interface Ownership {
  readonly user: string;
  readonly group: string;
  /** Octal, for example `0600`. */
  readonly mode: string;
}

/** What is at a path. */
export interface FileFacts extends Ownership {
  /** The path as requested. */
  readonly path: string;
  /** Without any link; of what is not there, as far as it is. */
  readonly real: string;
  /** Its last part is a link itself. */
  readonly isLink: boolean;
  readonly kind: 'file' | 'folder' | 'block' | 'other' | 'absent';
  /** Device and inode: the same for two names of one file. */
  readonly id: string;
  /** Where its file system is mounted, and of which type that is. */
  readonly mount: string;
  readonly fsType: string;
  /** Of what is there: as long as its content. */
  readonly sizeBytes: number;
  /** When it was last changed, its content or whose it is, by its host's clock: seconds since 1970. Nobody can set it back. */
  readonly changedAt: string;
  /** When its content was, which a copy may keep (`cp -p`). */
  readonly writtenAt: string;
  /**
   * What it has beside owner and mode that somebody has given it: `ACL`, the names of `user.` attributes, `chattr +i`. Labels of the
   * system's security and libvirt's own attributes are none of these: each host sets its own.
   */
  readonly extras: readonly string[];
}

/** A block device of the host's own over a file. */
export interface LoopDevice {
  readonly device: string;
  readonly file: string;
}

/** What a file must be, and where it can be had: from the image store, else from a host. */
export interface FileOrigin {
  readonly sha256: string;
  readonly imageUrl?: string;
  readonly from: HostName;
  /** Under which path that host has it. */
  readonly path: HostPath;
  /** Whose the file is there, and so here. */
  readonly like: Ownership;
  /** How long it is there: no more is taken. */
  readonly bytes: number;
}

/** What was this migration's and is not removed: somebody has put another file in its place, or something into the folder. */
export interface Staying {
  readonly path: HostPath;
  readonly because: 'another file' | 'not empty';
}

/** Files on one host. What a migration makes is marked as its own, and only that is ever removed. */
export interface HostFiles {
  readonly host: HostName;
  room(folder: HostPath): Promise<Room>;
  /** Which of the paths exist. */
  existing(paths: readonly HostPath[]): Promise<HostPath[]>;
  writeProbe(folder: HostPath, token: string): Promise<void>;
  /**
   * True if the probe that another host wrote is seen here.
   * @param of the folder by the name under which it was written: a probe says of no other folder anything
   */
  readProbe(folder: HostPath, token: string, of?: HostPath): Promise<boolean>;
  removeProbe(folder: HostPath, token: string): Promise<void>;
  /** Makes the folder unless it exists, marked as this migration's, and with that owner and mode. */
  makeFolder(folder: HostPath, owner: MigrationId, like: Ownership): Promise<void>;
  /** Makes an empty disk over its backing file. @throws TARGET_STALE if one that is not ours is there. */
  makeDisk(disk: DiskPlan, owner: MigrationId, like: Ownership): Promise<void>;
  /**
   * Makes sure that a file with this content is here; what is fetched is marked and verified.
   * @throws CHECKSUM_MISMATCH; TARGET_STALE if the file at that path has other content.
   */
  fetch(
    file: BackingFile,
    origin: FileOrigin,
    owner: MigrationId,
    signal: AbortSignal,
  ): Promise<'present' | 'image store' | 'source'>;
  /**
   * Removes what this migration marked and nobody else uses.
   * @returns what stays, and is this migration's no more
   */
  removeOwned(paths: readonly FreePath[], owner: MigrationId): Promise<Staying[]>;
  /** Drops the marks: the files stay for good. @param owner drops this migration's alone */
  keep(paths: readonly HostPath[], owner?: MigrationId): Promise<void>;
  /** The same for last copies, which say so from then on: an audit names them. Absent files are fine. */
  keepLast(paths: readonly HostPath[], owner: MigrationId): Promise<void>;
  /** Those of the paths that this migration has left as last copies. */
  last(paths: readonly HostPath[], owner: MigrationId): Promise<HostPath[]>;
  /** Marked files among these paths; what an undo must leave empty. */
  owned(paths: readonly HostPath[], owner: MigrationId): Promise<HostPath[]>;
  /** Removes files, and folders that are empty by then; absent ones are fine. */
  remove(paths: readonly FreePath[]): Promise<void>;
  sha256(path: HostPath): Promise<string>;
  /** What is at each path: through which links, owned by whom, on which file system. */
  look(paths: readonly string[]): Promise<FileFacts[]>;
  /** Everything in a folder, at any depth; at most a thousand names. An absent folder has nothing. */
  within(folder: HostPath): Promise<string[]>;
  chains(images: readonly ImageAt[]): Promise<readonly Chain[]>;
  /** Loop devices: what uses one uses its file. */
  loops(): Promise<readonly LoopDevice[]>;
  /** Writes an overlay that nobody uses into its base, whose names are given, and removes it; an absent one is fine. */
  absorb(overlay: HostPath, base: HostPath, format: 'raw' | 'qcow2'): Promise<void>;
  /** Renames; what was renamed already is fine. @throws SOURCE_STALE if both names are there, or neither */
  rename(renames: readonly FreeRename[]): Promise<void>;
}

/** One host's storage. */
export interface HostStorage {
  readonly files: HostFiles;
  readonly devices: HostDevices;
  /** Copies disks to this host. */
  readonly copier: DiskCopier;
  /** @throws STORAGE_UNSUITABLE if no kind takes the disk. */
  kindOf(disk: Disk): StorageKind;
}
