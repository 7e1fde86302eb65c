/** What a host has that a guest's definition may name: addresses, listeners, huge pages. Nothing is changed. */
import type { HostAddress } from '../../model/host.js';

/** Huge pages of one size. */
export interface HugePages {
  readonly sizeKib: number;
  readonly free: number;
}

/** All of it, at one moment. */
export interface Surroundings {
  readonly addresses: readonly HostAddress[];
  /** TCP ports on which somebody listens, on any address. */
  readonly listening: readonly number[];
  readonly hugePages: readonly HugePages[];
  /** The size that is meant where none is named; 0 if the kernel has none. */
  readonly defaultHugePageKib: number;
}

/** One host's. */
export interface HostSurroundings {
  look(): Promise<Surroundings>;
}
