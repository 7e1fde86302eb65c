/** What the audit compares, and what it finds. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import type { HostPath } from '../../model/ids.js';
import type { HostName } from '../../model/ids.js';
import type { Finding } from '../../model/audit.js';
import type { Deps, StepContext } from '../kit/implement.js';
import type { UsedFiles } from './used-files.js';

/** A difference, and what repairs it; without `mend` a person has to. */
export interface Found {
  readonly finding: Omit<Finding, 'isRepaired' | 'host'> & { readonly host: HostName };
  mend?(): Promise<unknown>;
}

/** A host that answered, and what it runs. */
export interface SeenHost {
  readonly drivers: HostDrivers;
  readonly guests: readonly GuestOnHost[];
  readonly used: UsedFiles;
}

/** All that is compared, read once. */
export interface Scene {
  readonly deps: Deps;
  readonly context: StepContext;
  /** Every host of the inventory, whether it answers or not. */
  readonly known: readonly HostName[];
  readonly hosts: ReadonlyMap<HostName, SeenHost>;
  readonly vms: Awaited<ReturnType<Deps['inventory']['vms']>>;
  readonly claims: Awaited<ReturnType<Deps['inventory']['claims']>>;
  /** VMs whose migration is open, or unknown to Temporal: only that migration may touch them. */
  readonly moving: ReadonlySet<string>;
  /** Where instances' files lie: what the VMs' disks say, and libvirt's default. */
  readonly folders: readonly HostPath[];
}
