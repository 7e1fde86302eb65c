/** Definitions that were rendered for a host and lie on it until they are used: they hold secrets, and Temporal keeps none. */
import type { MigrationId } from '../../model/ids.js';
import type { Confidential } from '../../model/confidential.js';

/** The two that a move has: as the guest is sent, and as it is defined. */
export type RenderedName = 'live' | 'persistent';

/** One host's rendered definitions, each its migration's, readable by root alone. */
export interface RenderedDefinitions {
  /** Replaces what is there under that name. */
  put(owner: MigrationId, name: RenderedName, xml: Confidential): Promise<void>;
  /** `undefined` if it is not there. */
  get(owner: MigrationId, name: RenderedName): Promise<Confidential | undefined>;
  /** Removes all of a migration's; absent is fine. */
  remove(owner: MigrationId): Promise<void>;
}
