/** Room that a migration keeps free on its target. */
import type { HostName, MigrationId, VmUuid } from './ids.js';

/** A reservation on a target. */
export interface Claim {
  readonly migrationId: MigrationId;
  readonly vm: VmUuid;
  readonly host: HostName;
  readonly memoryBytes: number;
  readonly vcpus: number;
  readonly diskBytes: number;
}
