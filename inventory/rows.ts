/** Rows of the database as what drover works with. */
import { defined } from '../model/defined.js';
import { StoredHost, type Host } from '../model/host.js';
import { HostFacts } from '../model/host-facts.js';
import type { claims, hosts } from './schema.js';
import type { Claim } from '../model/claim.js';

/** A host and what was last seen on it. */
export interface KnownHost {
  readonly host: Host;
  readonly facts?: HostFacts;
  /** ISO 8601. */
  readonly seenAt?: string;
}

/** Its own columns are not the claim's. */
export const toClaim = ({ createdAt: _createdAt, ...claim }: typeof claims.$inferSelect): Claim =>
  claim as Claim;

/** As it was registered, and as it was last seen. */
export function toKnownHost(row: typeof hosts.$inferSelect): KnownHost {
  return {
    host: StoredHost.parse(row.doc),
    ...defined({
      facts: row.facts ? HostFacts.parse(row.facts) : undefined,
      seenAt: row.seenAt ? row.seenAt.toISOString() : undefined,
    }),
  };
}
