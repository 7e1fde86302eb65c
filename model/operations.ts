/** Requests for operations on the fleet itself. */
import { z } from 'zod';
import { Host } from './host.js';
import { HostName } from './ids.js';
import { NO_REASON } from './migration.js';
import { SecurityGroup } from './network.js';
import { Person } from './person.js';

/** What every operation is asked with. */
export const Operation = z.strictObject({
  requestedBy: Person.meta({ flag: '--as <who>', help: 'who asks' }),
  reason: z
    .string()
    .min(1)
    .max(500)
    .default(NO_REASON)
    .meta({ flag: '--reason <why>', help: 'kept with the run' }),
});

/** The argument of the workflow `registerHost`. */
export const RegisterHostRequest = Operation.extend({ host: Host });
export type RegisterHostRequest = z.infer<typeof RegisterHostRequest>;
/** As a caller writes it. */
export type RegisterHostInput = z.input<typeof RegisterHostRequest>;

/** The argument of the workflow `removeHost`. */
export const RemoveHostRequest = Operation.extend({ host: HostName });
export type RemoveHostRequest = z.infer<typeof RemoveHostRequest>;
/** As a caller writes it. */
export type RemoveHostInput = z.input<typeof RemoveHostRequest>;

/** The argument of the workflow `checkHost`. */
export const CheckHostRequest = Operation.extend({
  host: HostName,
  /** Also what a move from `host` to it needs. */
  to: HostName.optional(),
});
export type CheckHostRequest = z.infer<typeof CheckHostRequest>;
/** As a caller writes it. */
export type CheckHostInput = z.input<typeof CheckHostRequest>;

/** The argument of the workflow `applyGroups`. */
export const ApplyGroupsRequest = Operation.extend({ groups: z.array(SecurityGroup) });
export type ApplyGroupsRequest = z.infer<typeof ApplyGroupsRequest>;
/** As a caller writes it. */
export type ApplyGroupsInput = z.input<typeof ApplyGroupsRequest>;
