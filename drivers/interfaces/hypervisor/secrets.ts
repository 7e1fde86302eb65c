/** Secrets that a hypervisor keeps for guests' disks. */
import type { Confidential } from '../../../model/confidential.js';
import type { MigrationId } from '../../../model/ids.js';
import type { SecretRef } from '../../../model/secret.js';

/** One of them. */
export interface HostSecret {
  readonly uuid: string;
  /** What it is for: a path, a target, a name; empty if that is not said. */
  readonly usage: string;
  /** All but the value. */
  readonly xml: string;
  /** `private`: the host gives it to its guests only. */
  readonly value: Confidential | 'none' | 'private';
  /** The migration that has brought it here, and not ended yet. */
  readonly broughtBy?: MigrationId;
}

/** What a host's hypervisor does with them. Values are in base64. */
export interface Secrets {
  secret(ref: SecretRef): Promise<HostSecret | undefined>;
  /** Makes it known here, as brought by this migration; again is fine. */
  bringSecret(xml: string, value: Confidential, owner: MigrationId): Promise<void>;
  /** It stays for good. */
  keepSecret(ref: SecretRef, owner: MigrationId): Promise<void>;
  /** Those that a migration has brought, whichever. */
  broughtSecrets(): Promise<readonly HostSecret[]>;
  /** Removes it if this migration has brought it; any other stays, and an absent one is fine. */
  forgetSecret(ref: SecretRef, owner: MigrationId): Promise<void>;
}
