/** Steps that keep the inventory and the hosts' rules as they should be, outside of migrations. */
import { z } from 'zod';
import { HostChecks } from '../../model/host-check.js';
import { Host } from '../../model/host.js';
import { HostName } from '../../model/ids.js';
import { step } from '../kit/step.js';

/** A host becomes known, or its record another one. */
export const register = step({
  name: 'host.register',
  doc: 'Write the host’s record into the inventory.',
  facts: [],
  input: z.object({ host: Host }),
  output: z.object({}),
  timing: 'hostChange',
  errors: ['HOST_TWICE'],
  undo: { none: 'A host that does not answer yet stays known: it is discovered when it does.' },
});

/** A host that drover has nothing more to do with: nothing on it is touched. */
export const forget = step({
  name: 'host.forget',
  doc: 'Remove the host’s record from the inventory, and the records of its VMs.',
  facts: [],
  input: z.object({ host: HostName }),
  output: z.object({ vms: z.array(z.string()) }),
  timing: 'hostChange',
  errors: ['MIGRATION_OPEN'],
  undo: { none: '`drover hosts add` registers it again, and adopts what it runs.' },
});

/** Adopts the VMs that a host already runs: none has to be created again to use drover. */
export const discover = step({
  name: 'host.discover',
  doc: 'Read a host’s facts and adopt the VMs that it runs.',
  facts: ['F3', 'F5'],
  input: z.object({ host: HostName }),
  output: z.object({
    host: HostName,
    vms: z.array(
      z.object({
        name: z.string(),
        state: z.string(),
        /** What keeps it from moving, in words. */
        tiedBy: z.array(z.string()).default([]),
      }),
    ),
    passedOver: z.array(z.string()),
    /** What somebody should know: changes that were taken over, rules that are not in force. */
    remarks: z.array(z.string()).default([]),
  }),
  timing: 'quickQuery',
  errors: ['HOST_TWICE'],
  undo: 'read-only',
});

/** Says before any move what a host lacks, and how to mend it. */
export const checkHost = step({
  name: 'host.check',
  doc: 'Look at everything that drover needs of a host, or between two.',
  facts: ['F7', 'F8'],
  input: z.object({ host: HostName, to: HostName.optional() }),
  output: HostChecks,
  timing: 'hostLook',
  errors: ['HOST_UNKNOWN'],
  undo: 'read-only',
});

/** Applies the security groups of the guests that run on a host. */
export const enforceGroups = step({
  name: 'host.enforceGroups',
  doc: 'Bind the ports of a host’s guests, active, with their security groups.',
  facts: ['F9', 'F15'],
  input: z.object({ host: HostName }),
  output: z.object({
    host: HostName,
    ports: z.number(),
    /** Guests whose ports could not be bound, with the reason. */
    passedOver: z.array(z.string()).default([]),
  }),
  timing: 'hostChange',
  errors: ['SECURITY_GROUP_UNKNOWN', 'BINDING_FAILED'],
  undo: {
    none: 'It applies the groups as they are now; to go back, change the groups and apply them again.',
  },
});
