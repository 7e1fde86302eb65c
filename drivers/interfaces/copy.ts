/** What drover needs to copy a disk from one host to another while no guest uses it (C3, C4). */
import type { HostName, HostPath, MigrationId } from '../../model/ids.js';

/** One image of a chain, where it lies now. */
export interface ImageFile {
  readonly path: HostPath;
  readonly format: 'raw' | 'qcow2';
  /** A block device, and no file. */
  readonly isDevice?: boolean;
}

/** One copy: everything below `chain[0]` is its backing files, nearest first. */
export interface CopyOrder {
  readonly owner: MigrationId;
  readonly device: string;
  readonly way: 'nbd' | 'scp';
  readonly from: HostName;
  readonly chain: readonly ImageFile[];
  readonly to: HostPath;
  /** It is a block device, which this migration has taken: it is written as it stands, and gets no name. */
  readonly isIntoDevice?: boolean;
  readonly format: 'raw' | 'qcow2';
  /** How the copy is to be made (`qemu-img -o`). */
  readonly made?: string;
  /** The file on the source whose owner and mode the copy gets; a device keeps its own. */
  readonly like: HostPath;
  /** What will travel at the most, in bytes. */
  readonly bytes: number;
  readonly bandwidthMibPerSec?: number;
  /** With a key for this one copy; else only the target's addresses reach the export. */
  readonly isEncrypted?: boolean;
}

/** Copies to one host. A copy that was cut is never gone on with: it starts clean. */
export interface DiskCopier {
  /**
   * Copies, compares and only then gives the copy its name; a copy of this migration that is there is fine.
   * @param progress bytes done so far
   * @throws COPY_FAILED to be tried again; COPY_DIFFERS; TARGET_STALE for a foreign file under that name
   */
  copy(order: CopyOrder, signal: AbortSignal, progress: (bytes: number) => void): Promise<void>;
  /** Ends what a copy left running on both hosts, and removes its unfinished files. */
  cleanUp(order: CopyOrder): Promise<void>;
  /** C3 on this host: one flat qcow2 with the content of the chain. An unfinished one is made again. */
  flatten(
    chain: readonly ImageFile[],
    to: HostPath,
    signal: AbortSignal,
    made?: string,
  ): Promise<void>;
}

/** Where a source offers a copy: above the ports of libvirt's migrations (49152 to 49215). */
export const COPY_PORTS = { first: 50_000, last: 60_000 } as const;
