/** What the two ways of copying share. */
import { randomBytes } from 'node:crypto';
import { CodedError } from '../../model/errors.js';
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
  /** Tells this attempt from the others at the same copy. */
  readonly attempt: string;
  readonly signal: AbortSignal;
  progress(bytes: number): void;
}

/** Copies end when they end; the step's heartbeat is their limit. */
export const COPY_TIMEOUT = { timeoutMs: 24 * 3600_000 };

/** Where one copy keeps its keys and pids, on both hosts; gone at the next boot at the latest. */
export const workFolder = ({ owner, device }: CopyOrder): string =>
  `/run/drover-copy-${owner}-${device}`;

/**
 * The unfinished copy; of one into a device, that itself. Each attempt has a name of its own: one whose worker stood still may wake
 * when the next has begun, and must not take that one's unfinished file for what it has compared.
 */
export const partOf = ({ to, owner, isIntoDevice }: CopyOrder, attempt: string): HostPath =>
  isIntoDevice ? to : HostPath.parse(`${partsOf({ to, owner })}.${attempt}`);

/** How the names of the unfinished files of all attempts begin. */
export const partsOf = ({ to, owner }: Pick<CopyOrder, 'to' | 'owner'>): string =>
  `${to}.part-${owner}`;

/** Its name is no longer than a mark's, which there is room for (`activities/storage/long-names.ts`). */
export const newAttempt = (): string => randomBytes(3).toString('hex');

/** A copy that was written, and does not count. */
export const notAccepted = ({ device, to }: CopyOrder, why: string): CodedError =>
  new CodedError('COPY_FAILED', `this copy of ${device} does not become ${to}: ${why}`, {
    hint: 'Nothing to do: the attempt that goes on brings the disk, or takes over what has arrived.',
  });

export const overtaken = (order: CopyOrder): CodedError =>
  notAccepted(order, 'another attempt at it writes by now, or has brought its own');
