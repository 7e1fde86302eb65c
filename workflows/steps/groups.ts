/** Steps about security groups as such; what binds them to ports is in network.ts and host.ts. */
import { z } from 'zod';
import { HostName } from '../../model/ids.js';
import { SecurityGroup } from '../../model/network.js';
import { step } from '../kit/step.js';

/** Hosts keep the former rules until they are bound anew. */
export const storeGroups = step({
  name: 'groups.store',
  doc: 'Write the security groups into the inventory, and list the hosts that are to have them.',
  facts: [],
  input: z.object({ groups: z.array(SecurityGroup) }),
  output: z.object({ hosts: z.array(HostName) }),
  timing: 'hostChange',
  errors: [],
  undo: { none: 'The operator’s own word: to go back, apply the former groups.' },
});
