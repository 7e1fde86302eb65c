/** Block devices of a host, told apart by what they are. */
import type { DeviceIds } from '../../model/device.js';

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

/** The devices of one host; nothing here writes. */
export interface HostDevices {
  /** Facts of each path, in their order. @throws BAD_ANSWER */
  facts(paths: readonly string[]): Promise<DeviceFacts[]>;
  /** Checksums of parts of a device, from its first to its last, always of the same ones, read past every cache. @throws COMMAND_FAILED */
  samples(path: string): Promise<string[]>;
}
