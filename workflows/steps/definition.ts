/** Steps about the domain's XML. */
import { z } from 'zod';
import { Route } from '../../model/migration.js';
import { DiskPlan } from '../../model/storage.js';
import { Port } from '../../model/network.js';
import { step } from '../kit/step.js';

/** L5 F14: the XML is regenerated for the target before the start, so that a refusal costs nothing. */
export const render = step({
  name: 'definition.render',
  doc: 'Render the domain’s XML for the target.',
  facts: ['L5', 'F14'],
  input: z.object({ route: Route, disks: z.array(DiskPlan), ports: z.array(Port) }),
  output: z.object({
    liveXml: z.string(),
    persistentXml: z.string(),
    isPersistent: z.boolean(),
    changes: z.array(z.string()),
  }),
  timing: 'quickQuery',
  errors: ['DEFINITION_UNSUPPORTED', 'GUEST_MOVED'],
  undo: 'read-only',
});

/** L5 F14. */
export const persist = step({
  name: 'definition.persist',
  doc: 'Define the domain on the target, so that it survives a restart of the host.',
  facts: ['L5', 'F14'],
  input: z.object({
    route: Route,
    disks: z.array(DiskPlan),
    persistentXml: z.string(),
    isPersistent: z.boolean(),
    isAutostart: z.boolean(),
  }),
  output: z.object({}),
  timing: 'forward',
  errors: ['GUEST_NOT_ON_TARGET'],
  undo: { none: 'The guest runs on the target: its definition belongs there.' },
});
