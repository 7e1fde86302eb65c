/** What the two ways of copying share. */
import type { Host } from '../../model/host.js';
import { HostPath } from '../../model/ids.js';
import type { CopyOrder } from '../interfaces/copy.js';
import type { HostCommand, HostShell } from '../interfaces/shell.js';

/** A host as a copy reaches it: its record, its shell, and the key that its sshd has shown. */
export interface CopyEnd {
  readonly host: Host;
  readonly shell: HostShell;
  /** A command as the login user's shell would run it there: what a key may be bound to. */
  line(command: HostCommand, args: readonly string[]): string;
  /** Type and key, as known_hosts has them after the name. */
  hostKey(): Promise<string>;
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

/** The unfinished copy. */
export const partOf = ({ to, owner }: CopyOrder): HostPath => HostPath.parse(`${to}.part-${owner}`);

/** Where tar unpacks. */
export const unpackFolder = (order: CopyOrder): string => `${partOf(order)}.d`;

/** Marks the key of one copy in authorized_keys. */
export const keyComment = ({ owner, device }: CopyOrder): string => `drover-${owner}-${device}`;
