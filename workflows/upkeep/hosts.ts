/** Small workflows beside the migrations: reading what a host runs, applying security groups, and the audit. */
import type { z } from 'zod';
import type { Audited } from '../../model/audit.js';
import type { HostName } from '../../model/ids.js';
import { callOnce } from '../engine/temporal.js';
import { audit } from '../steps/fleet.js';
import { discover, enforceGroups } from '../steps/host.js';
import { resolve } from '../steps/vm.js';

/** What was found on a host. */
export type Discovered = z.output<typeof discover.output>;

/** The workflow type `discoverHost`. */
export const discoverHost = (host: HostName): Promise<Discovered> => callOnce(discover, { host });

/** The workflow type `enforceSecurityGroups`. */
export const enforceSecurityGroups = (
  host: HostName,
): Promise<z.output<typeof enforceGroups.output>> => callOnce(enforceGroups, { host });

/** The workflow type `auditFleet`. A schedule starts it without repair; a person may start it with repair. */
export const auditFleet = (input: { isRepairing: boolean }): Promise<Audited> =>
  callOnce(audit, input);

/** The workflow type `resolveVm`: who a name means, so that one guest has one lock. */
export const resolveVm = (vm: string): Promise<z.output<typeof resolve.output>> =>
  callOnce(resolve, { vm });
