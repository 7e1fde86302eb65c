/** Block devices of a host, told apart by what they are. */
import type { DeviceIds } from '../../model/device.js';
import type { HostPath, MigrationId } from '../../model/ids.js';
import type { FreePath } from './free.js';

/** One device, or what is there instead. */
export interface DeviceFacts {
  /** As requested. */
  readonly path: string;
  /** Without links: the kernel's own name. */
  readonly real: string;
  readonly kind: 'device' | 'file' | 'other' | 'absent';
  readonly sizeBytes: number;
  readonly ids: DeviceIds;
  /** What of the host itself has it, or a part of it: a mounted file system, swap, another device over it. */
  readonly users: readonly string[];
}

/** A device that a move writes a disk into, and which disk. */
export interface TakenDevice {
  readonly path: HostPath;
  /** The guest’s name for the disk: no two disks are written into one device. */
  readonly disk: string;
  readonly owner: MigrationId;
}

/** The devices of one host. Only `giveBack` writes, and only into what `take` has proved empty. */
export interface HostDevices {
  /** Facts of each path, in their order. @throws BAD_ANSWER */
  facts(paths: readonly string[]): Promise<DeviceFacts[]>;
  /** Checksums of parts of a device, from its first to its last, always of the same ones, read past every cache. @throws COMMAND_FAILED */
  samples(path: string): Promise<string[]>;
  /** True if each of those parts is nothing but zeroes. */
  looksEmpty(path: string): Promise<boolean>;
  /**
   * Makes the device this migration’s, once all of it was read and is nothing but zeroes, and nothing of the host has it open. Taken already is fine.
   * The mark says which device it was, and is gone with the host’s next start.
   * @throws TARGET_STALE if it is not empty, in use, too small, or another migration’s
   */
  take(device: TakenDevice, bytes: number, signal: AbortSignal): Promise<void>;
  /** Said before the first byte is written: from then on `giveBack` makes it empty again. */
  beginWriting(paths: readonly HostPath[], owner: MigrationId): Promise<void>;
  /**
   * Fills with zeroes again what this migration has written into, and gives up what it has taken; into what it has not begun to
   * write to somebody else may have written meanwhile: that stays.
   * @returns devices that stay as they are, with the reason: in use by now, another device under that name, or a last copy
   */
  giveBack(paths: readonly FreePath[], owner: MigrationId): Promise<string[]>;
  /** Gives up the marks: what was written stays for good. */
  keep(paths: readonly HostPath[], owner: MigrationId): Promise<void>;
  /** The same for a last copy: `giveBack` passes it over from then on, and an audit names it. */
  keepLast(paths: readonly HostPath[], owner: MigrationId): Promise<void>;
  /** Those of the paths that this migration has taken, and whether they are last copies. */
  taken(
    paths: readonly HostPath[],
    owner: MigrationId,
  ): Promise<{ readonly path: HostPath; readonly isLast: boolean }[]>;
}
