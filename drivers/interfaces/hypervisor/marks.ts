/** Who works on a guest. */
import type { MigrationId, VmUuid } from '../../../model/ids.js';

/** Who works on a domain: kept in its metadata, on the host. */
export interface MigrationMark {
  readonly migrationId: MigrationId;
  readonly epoch: number;
}

/** The migration’s mark in a domain’s metadata. */
export interface Marks {
  /** The domain's mark, if it has one; `undefined` if there is no such domain. */
  readMark(uuid: VmUuid): Promise<{ readonly mark?: MigrationMark } | undefined>;
  /** Writes or, without a mark, removes it; a domain that is not there is fine. */
  writeMark(uuid: VmUuid, mark: MigrationMark | undefined): Promise<void>;
}
