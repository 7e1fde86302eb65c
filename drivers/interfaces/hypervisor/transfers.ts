/** The transfer of a running guest to another host. */
import type { Confidential } from '../../../model/confidential.js';
import type { VmUuid } from '../../../model/ids.js';
import type { TransferProgress } from '../../../model/progress.js';

/** How a transfer is started (virDomainMigrateToURI3). */
export interface TransferSpec {
  readonly targetUri: string;
  /** Where the memory is sent; libvirt chooses without it. */
  readonly migrationAddress?: string | undefined;
  readonly liveXml: Confidential;
  /** Devices to copy; never a shared disk, never a volume. Empty means: no copy, and no flag for it. */
  readonly copiedDevices: readonly string[];
  /** Only after the probe proved that every uncopied file is shared. */
  readonly isSharingProved: boolean;
  readonly isPostCopyAllowed: boolean;
  readonly isAutoConverge: boolean;
  readonly isEncrypted: boolean;
  readonly parallelConnections: number;
  readonly bandwidthMibPerSec?: number | undefined;
  /** The pause that the switchover may take at first; see `setMaxDowntime`. */
  readonly firstDowntimeMs: number;
}

/** Transfers, which outlive the connection that started them. */
export interface Transfers {
  /** Starts a transfer; settles when libvirt says how it ended. The transfer itself outlives the connection. */
  startTransfer(uuid: VmUuid, spec: TransferSpec): Promise<void>;
  /** What `startTransfer` would ask libvirt for, for a dry run. */
  describe(spec: TransferSpec): string;
  /** The running job of a domain, if there is one. */
  job(uuid: VmUuid): Promise<TransferProgress | undefined>;
  /** The last completed job's figures, as long as the host keeps them. */
  completedJob(uuid: VmUuid): Promise<TransferProgress | undefined>;
  /** Aborts the running job; no job is fine. */
  abortJob(uuid: VmUuid): Promise<void>;
  /** Allows the running transfer's switchover another pause, in milliseconds. */
  setMaxDowntime(uuid: VmUuid, ms: number): Promise<void>;
  startPostCopy(uuid: VmUuid): Promise<void>;
  /** Goes on with a post-copy that broke; settles as `startTransfer` does. */
  resumePostCopy(uuid: VmUuid, spec: TransferSpec): Promise<void>;
  /**
   * On the target of a post-copy whose source has given the stream up: ends what is left of it here, so that QEMU sees the break.
   * @throws COMMAND_FAILED where the kernel cannot
   */
  endStream(uuid: VmUuid): Promise<void>;
}
