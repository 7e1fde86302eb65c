/** What migrations may have left on a host, besides domains and bindings. Every trace carries the id of the migration that made it. */
import type { HostPath, MigrationId } from '../../model/ids.js';

/** A file's mark, that of a last copy, that of a block device which is written into, an unfinished file, a probe, the work folder of a copy, or a definition that waits for its use. */
export interface Trace {
  readonly kind: 'mark' | 'last' | 'device' | 'part' | 'probe' | 'copy' | 'rendered';
  readonly owner: MigrationId;
  /** What has the mark; for a copy the work folder. */
  readonly subject: string;
}

/** One host's traces. */
export interface HostTraces {
  /** In these folders and the ones below them, and where copies work. */
  find(folders: readonly HostPath[]): Promise<Trace[]>;
  /** Folders that were set aside: `X_resize`. They carry no id, and drover never removes them by itself. */
  aside(folders: readonly HostPath[]): Promise<string[]>;
  /** Ends the processes of a migration's copies, and removes their folders. */
  removeCopies(owner: MigrationId): Promise<void>;
}
