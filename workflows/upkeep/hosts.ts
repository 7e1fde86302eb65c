/** Small workflows beside the migrations: reading what a host runs, applying security groups, and the audit. */
import { patched } from '@temporalio/workflow';
import type { z } from 'zod';
import type { Audited } from '../../model/audit.js';
import type { HostName } from '../../model/ids.js';
import { callOnce } from '../engine/temporal.js';
import { audit } from '../steps/fleet.js';
import { discover, enforceGroups } from '../steps/host.js';
import { permit } from '../steps/request.js';
import { resolve } from '../steps/vm.js';

/** What was found on a host. */
export type Discovered = z.output<typeof discover.output>;

/** Who asks for it: a name alone is the host's, from clients before 0.3. */
type Asked = HostName | { readonly host: HostName; readonly requestedBy: string };

const whoAsks = (asked: Asked) =>
  typeof asked === 'string' ? { host: asked, requestedBy: '' } : asked;

/** The workflow type `discoverHost`. */
export async function discoverHost(asked: Asked): Promise<Discovered> {
  const { host, requestedBy } = whoAsks(asked);
  if (patched('upkeep-asks-the-policy'))
    await callOnce(permit, { requestedBy, reason: '', operation: 'discover' });
  return callOnce(discover, { host });
}

/** The workflow type `enforceSecurityGroups`. As a part of `applyGroups` it asks for who has asked for that. */
export async function enforceSecurityGroups(
  asked: Asked,
): Promise<z.output<typeof enforceGroups.output>> {
  const { host, requestedBy } = whoAsks(asked);
  if (patched('enforcing-asks-the-policy'))
    await callOnce(permit, { requestedBy, reason: '', operation: 'groups' });
  return callOnce(enforceGroups, { host });
}

/** The workflow type `auditFleet`. A schedule starts it without repair; a person may start it with repair. */
export async function auditFleet({
  isRepairing,
  requestedBy = '',
}: {
  isRepairing: boolean;
  requestedBy?: string;
}): Promise<Audited> {
  if (isRepairing && patched('upkeep-asks-the-policy'))
    await callOnce(permit, { requestedBy, reason: '', operation: 'repair' });
  return callOnce(audit, { isRepairing });
}

/** The workflow type `resolveVm`: who a name means, so that one guest has one lock. */
export const resolveVm = (vm: string): Promise<z.output<typeof resolve.output>> =>
  callOnce(resolve, { vm });
