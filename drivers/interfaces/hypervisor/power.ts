/** A guest’s vCPUs and disks while it runs. */
import type { HostPath, VmUuid } from '../../../model/ids.js';

/** A file over a disk's file, which the guest writes to instead. */
export interface Overlay {
  readonly device: string;
  /** The disk's own file. */
  readonly base: HostPath;
  readonly overlay: HostPath;
}

/** The guest's vCPUs begin to run here; or they stand still here so that the guest can go on elsewhere. */
export type LifecycleEvent = 'resumed' | 'switchover';

/** Waits that many milliseconds. */
export type Pause = (ms: number) => Promise<void>;

/** Starting, stopping and pausing. Every verb may be called again after it happened. */
export interface Power {
  /** Asks the guest to shut down; it may take its time, or not listen. Off is fine. */
  shutdown(uuid: VmUuid): Promise<void>;
  /** Ends the guest at once; off is fine. */
  destroy(uuid: VmUuid): Promise<void>;
  /** Starts a defined guest; one that is active already is fine. */
  start(uuid: VmUuid, options: { isPaused: boolean }): Promise<void>;
  /** Lets a paused guest run; running is fine. */
  resume(uuid: VmUuid): Promise<void>;
  /** Pauses a guest; one that is paused is fine. libvirt ends a running transfer as if the guest still ran. */
  suspend(uuid: VmUuid): Promise<void>;
  /** Calls back at each such event of the guest on this host, until the returned function is called. */
  onLifecycle(uuid: VmUuid, event: LifecycleEvent, listener: () => void): Promise<() => void>;
  /** Lets a running guest write to overlays from now on, all of them from one moment; its other disks stay as they are. */
  addOverlays(uuid: VmUuid, overlays: readonly Overlay[]): Promise<void>;
  /** Commits overlays into their bases while the guest runs, and lets it write to the bases again; absent ones are fine. */
  commitOverlays(uuid: VmUuid, overlays: readonly Overlay[], pause: Pause): Promise<void>;
}
