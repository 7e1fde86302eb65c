/** What drover needs of a host's hypervisor. libvirt is one implementation, the fake data centre the other. */
import type { HostFacts, HostNetwork } from '../../model/host.js';
import type { Confidential } from '../../model/confidential.js';
import type { HostPath, MigrationId, VmName, VmUuid } from '../../model/ids.js';
import type { TransferProgress } from '../../model/migration.js';
import type { StateReason } from '../../model/arbiter.js';
import type { GuestState } from '../../model/vm.js';
import type { CpuComparison } from '../../model/host.js';

/** A domain as a host lists it. */
export interface GuestOnHost {
  readonly uuid: VmUuid;
  readonly name: VmName;
  readonly state: GuestState;
  readonly reason: StateReason;
  readonly isPersistent: boolean;
}

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

/** Who works on a domain: kept in its metadata, on the host. */
export interface MigrationMark {
  readonly migrationId: MigrationId;
  readonly epoch: number;
}

/** A file over a disk's file, which the guest writes to instead. */
export interface Overlay {
  readonly device: string;
  /** The disk's own file. */
  readonly base: HostPath;
  readonly overlay: HostPath;
}

/** Which view of the XML: as it runs, or as it is defined; both without secrets. */
export type XmlView = 'live' | 'inactive';

/** A domain's XML with its secrets: as it can be sent, or as it is defined. */
export type SecretView = 'migratable' | 'definition';

/** What libvirt keeps for a domain beside its definition. */
export interface Kept {
  /** Its memory, saved by virsh managedsave. */
  readonly hasManagedSave: boolean;
  readonly snapshots: readonly { readonly name: string; readonly isExternal: boolean }[];
  readonly checkpoints: readonly string[];
}

/** A snapshot's metadata; its content is in the disks. */
export interface Snapshot {
  readonly name: string;
  readonly xml: Confidential;
  readonly isCurrent: boolean;
}

/** A storage pool that is a folder: its volumes are the files in it. */
export interface Pool {
  readonly name: string;
  readonly folder: string;
}

/** A job that a guest is busy with: of one disk, or of the whole domain. */
export interface Busy {
  readonly kind: string;
  readonly device?: string;
}

/**
 * What goes together with a definition. What is there and is not named makes the call fail, so that nothing is lost unseen;
 * firmware variables always stay, and so does a TPM's state unless it is named.
 */
export type Attached = 'managed save' | 'snapshots' | 'checkpoints' | 'TPM state';

/** The guest's vCPUs begin to run here; or they stand still here so that the guest can go on elsewhere. */
export type LifecycleEvent = 'resumed' | 'switchover';

/** Waits that many milliseconds. */
export type Pause = (ms: number) => Promise<void>;

/** Which of a host's hypervisors is asked what it can give a guest. */
export interface GuestShape {
  readonly emulator: HostPath;
  readonly arch: string;
  readonly machine: string;
  readonly virtType: string;
}

/** One host's hypervisor. Every verb that changes something may be called again after it happened. */
export interface Hypervisor {
  facts(): Promise<Omit<HostFacts, 'bridges' | 'networks'>>;
  /** libvirt's own networks. */
  networks(): Promise<HostNetwork[]>;
  guests(): Promise<GuestOnHost[]>;
  /** `undefined` if the host does not know the domain at all. */
  find(uuid: VmUuid): Promise<GuestOnHost | undefined>;
  xml(uuid: VmUuid, view: XmlView): Promise<string>;
  /** With console passwords: for a host, and never to be stored. */
  secretXml(uuid: VmUuid, view: SecretView): Promise<Confidential>;
  /** Memory in bytes and vCPUs, also of a domain whose XML cannot be read. */
  size(uuid: VmUuid): Promise<{ memoryBytes: number; vcpus: number }>;
  kept(uuid: VmUuid): Promise<Kept>;
  /** Each after its parent. */
  snapshots(uuid: VmUuid): Promise<readonly Snapshot[]>;
  /** Makes snapshots known whose content is in the disks already; known ones are fine. */
  defineSnapshots(uuid: VmUuid, snapshots: readonly Snapshot[]): Promise<void>;
  /** What the guest is busy with now; off is fine. */
  busy(uuid: VmUuid, devices: readonly string[]): Promise<Busy[]>;
  /** Storage pools that are folders. */
  pools(): Promise<Pool[]>;
  /** True if the host can give guests a TPM of the kind that has its state in files. */
  canEmulateTpm(vm: GuestShape): Promise<boolean>;
  isAutostart(uuid: VmUuid): Promise<boolean>;
  setAutostart(uuid: VmUuid, isOn: boolean): Promise<void>;
  define(xml: Confidential): Promise<void>;
  /** Changes a definition where it is, with its secrets. */
  redefine(uuid: VmUuid, change: (xml: string) => string): Promise<void>;
  /** Removes the definition of a domain that is not active, with what is named; absent is fine. */
  undefine(uuid: VmUuid, removing: readonly Attached[]): Promise<void>;
  /** Lets a running guest write to overlays from now on, all of them from one moment; its other disks stay as they are. */
  addOverlays(uuid: VmUuid, overlays: readonly Overlay[]): Promise<void>;
  /** Commits overlays into their bases while the guest runs, and lets it write to the bases again; absent ones are fine. */
  commitOverlays(uuid: VmUuid, overlays: readonly Overlay[], pause: Pause): Promise<void>;
  /** The domain's mark, if it has one; `undefined` if there is no such domain. */
  readMark(uuid: VmUuid): Promise<{ readonly mark?: MigrationMark } | undefined>;
  /** Writes or, without a mark, removes it; a domain that is not there is fine. */
  writeMark(uuid: VmUuid, mark: MigrationMark | undefined): Promise<void>;
  compareCpu(vm: GuestShape & { readonly cpuXml: string }): Promise<CpuComparison>;
  /** Asks the guest to shut down; it may take its time, or not listen. Off is fine. */
  shutdown(uuid: VmUuid): Promise<void>;
  /** Ends the guest at once; off is fine. */
  destroy(uuid: VmUuid): Promise<void>;
  /** Starts a defined guest; one that is active already is fine. */
  start(uuid: VmUuid, options: { isPaused: boolean }): Promise<void>;
  /** Lets a paused guest run; running is fine. */
  resume(uuid: VmUuid): Promise<void>;
  /** Starts a transfer; settles when libvirt says how it ended. The transfer itself outlives the connection. */
  startTransfer(uuid: VmUuid, spec: TransferSpec): Promise<void>;
  /** The running job of a domain, if there is one. */
  job(uuid: VmUuid): Promise<TransferProgress | undefined>;
  /** The last completed job's figures, as long as the host keeps them. */
  completedJob(uuid: VmUuid): Promise<TransferProgress | undefined>;
  /** Aborts the running job; no job is fine. */
  abortJob(uuid: VmUuid): Promise<void>;
  /** Calls back at each such event of the guest on this host, until the returned function is called. */
  onLifecycle(uuid: VmUuid, event: LifecycleEvent, listener: () => void): Promise<() => void>;
  /** Allows the running transfer's switchover another pause, in milliseconds. */
  setMaxDowntime(uuid: VmUuid, ms: number): Promise<void>;
  /** Pauses a guest; one that is paused is fine. libvirt ends a running transfer as if the guest still ran. */
  suspend(uuid: VmUuid): Promise<void>;
  startPostCopy(uuid: VmUuid): Promise<void>;
  /** Goes on with a post-copy that broke; settles as `startTransfer` does. */
  resumePostCopy(uuid: VmUuid, spec: TransferSpec): Promise<void>;
  /**
   * On the target of a post-copy whose source has given the stream up: ends what is left of it here, so that QEMU sees the break.
   * @throws COMMAND_FAILED where the kernel cannot
   */
  endStream(uuid: VmUuid): Promise<void>;
  /** Bytes dirtied per second, measured for `seconds`. */
  dirtyRate(uuid: VmUuid, seconds: number): Promise<number | undefined>;
}
