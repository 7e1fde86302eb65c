/** What the two ways of copying share. */
import type { Host } from '../../model/host.js';
import { HostPath } from '../../model/ids.js';
import type { CopyOrder } from '../interfaces/copy.js';
import type { HostShell } from '../interfaces/shell.js';

/** A host as a copy reaches it. */
export interface CopyEnd {
  readonly host: Host;
  readonly shell: HostShell;
}

/** One copy under way. */
export interface Copying {
  readonly order: CopyOrder;
  readonly from: CopyEnd;
  readonly to: CopyEnd;
  readonly part: HostPath;
  readonly signal: AbortSignal;
  progress(bytes: number): void;
}

/** Copies end when they end; the step's heartbeat is their limit. */
export const COPY_TIMEOUT = { timeoutMs: 24 * 3600_000 };

/** Where one copy keeps its keys and pids, on both hosts; gone at the next boot at the latest. */
export const workFolder = ({ owner, device }: CopyOrder): string =>
  `/run/drover-copy-${owner}-${device}`;

/** The unfinished copy; of one into a device, that itself. */
export const partOf = ({ to, owner, isIntoDevice }: CopyOrder): HostPath =>
  isIntoDevice ? to : HostPath.parse(`${to}.part-${owner}`);
