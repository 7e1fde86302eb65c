/** What drover needs of a host's storage: files, probes, and volumes, by ability and not by kind. */
import type { DiskCopier } from './copy.js';
import type { HostName, HostPath, MigrationId } from '../model/ids.js';
import type { BackingFile, Disk, DiskInspection, DiskPlan, SetAside } from '../model/storage.js';

/** What a kind of disk can do; callers branch on these and never on the kind. */
export interface StorageAbilities {
  /** The same content is reached from every host by nature: nothing is probed, nothing copied. */
  readonly isVolume: boolean;
  /** The hypervisor can copy it while the guest runs. */
  readonly canCopy: boolean;
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
  /** The commands that connect would run, for a dry run. */
  describe(disk: Disk): string[];
}

/** Room on the filesystem that holds a folder, or would hold it. */
export interface Room {
  readonly freeBytes: number;
  /** A filesystem that several hosts mount: what is on it need not be copied. */
  readonly isNetworkFilesystem: boolean;
  /** The folder's parent exists: the host is laid out for such VMs. */
  readonly isLaidOut: boolean;
}

/** What a file must be, and where it can be had: from the image store, else from a host. */
export interface FileOrigin {
  readonly sha256: string;
  readonly imageUrl?: string;
  readonly from: HostName;
}

/** Files on one host. What a migration makes is marked as its own, and only that is ever removed. */
export interface HostFiles {
  readonly host: HostName;
  room(folder: HostPath): Promise<Room>;
  /** Which of the paths exist. */
  existing(paths: readonly HostPath[]): Promise<HostPath[]>;
  writeProbe(folder: HostPath, token: string): Promise<void>;
  /** True if the probe that another host wrote is seen here. */
  readProbe(folder: HostPath, token: string): Promise<boolean>;
  removeProbe(folder: HostPath, token: string): Promise<void>;
  /** Makes the folder unless it exists, marked as this migration's. */
  makeFolder(folder: HostPath, owner: MigrationId): Promise<void>;
  /** Makes an empty disk over its backing file. @throws TARGET_STALE if one that is not ours is there. */
  makeDisk(disk: DiskPlan, owner: MigrationId): Promise<void>;
  /**
   * Makes sure that a file with this content is here; what is fetched is marked and verified.
   * @throws CHECKSUM_MISMATCH; TARGET_STALE if another content stands under that path.
   */
  fetch(
    file: BackingFile,
    origin: FileOrigin,
    owner: MigrationId,
    signal: AbortSignal,
  ): Promise<'present' | 'image store' | 'source'>;
  /** Removes what this migration marked and nobody else uses. */
  removeOwned(paths: readonly HostPath[], owner: MigrationId): Promise<void>;
  /** Drops the marks: the files stay for good. */
  keep(paths: readonly HostPath[]): Promise<void>;
  /** Marked files among these paths; what an undo must leave empty. */
  owned(paths: readonly HostPath[], owner: MigrationId): Promise<HostPath[]>;
  /** Removes files, and folders that are empty by then; absent ones are fine. */
  remove(paths: readonly HostPath[]): Promise<void>;
  sha256(path: HostPath): Promise<string>;
  /** Writes an overlay that nobody uses into its base, whose names are given, and removes it; an absent one is fine. */
  absorb(overlay: HostPath, base: HostPath, format: 'raw' | 'qcow2'): Promise<void>;
  /** Renames; what was renamed already is fine. @throws SOURCE_STALE if both names are there, or neither */
  rename(renames: readonly SetAside[]): Promise<void>;
}

/** One host's storage. */
export interface HostStorage {
  readonly files: HostFiles;
  /** Copies disks to this host. */
  readonly copier: DiskCopier;
  /** @throws STORAGE_UNSUITABLE if no kind takes the disk. */
  kindOf(disk: Disk): StorageKind;
}
