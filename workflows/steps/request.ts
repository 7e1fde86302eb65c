/** Steps that decide whether the migration may start at all, and what it is about. */
import { z } from 'zod';
import { HostName, VmName, VmUuid } from '../../model/ids.js';
import { DECISIONS, OPERATIONS } from '../../model/policy.js';
import { step } from '../kit/step.js';

/** For what is no move: the same policy, by the operation’s name. */
export const permit = step({
  name: 'request.permit',
  doc: 'Check that the requester may do this to the fleet.',
  facts: ['F1', 'F2'],
  input: z.object({
    requestedBy: z.string(),
    reason: z.string(),
    operation: z.enum(OPERATIONS),
  }),
  output: z.object({ rule: z.string() }),
  timing: 'quickQuery',
  errors: ['NOT_AUTHORISED', 'BAD_CONFIG'],
  undo: 'read-only',
});

/** Asked before an answer to a hold, or an abort, counts. */
export const permitDecision = step({
  name: 'request.permitDecision',
  doc: 'Check that whoever decides this may decide it, in this project.',
  facts: ['F1', 'F2'],
  input: z.object({
    user: z.string(),
    project: z.string().optional(),
    decision: z.enum(DECISIONS),
  }),
  output: z.object({ rule: z.string() }),
  timing: 'quickQuery',
  errors: ['NOT_AUTHORISED', 'BAD_CONFIG'],
  undo: 'read-only',
});

/** The workflow itself asks the policy file, whoever started it (docs/policy.md says what that does not cover). */
export const authorise = step({
  name: 'request.authorise',
  doc: 'Check that the requester may move this VM, in this project, to this host.',
  facts: ['F1', 'F2'],
  input: z.object({
    requestedBy: z.string(),
    reason: z.string(),
    project: z.string().optional(),
    vm: z.union([VmUuid, VmName]),
    target: HostName.optional(),
    move: z.enum(['live', 'cold']),
  }),
  output: z.object({ rule: z.string() }),
  timing: 'quickQuery',
  errors: ['NOT_AUTHORISED', 'BAD_CONFIG'],
  undo: 'read-only',
});
