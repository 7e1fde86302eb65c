/** The runbook `applyGroups`: security groups for the whole fleet. */
import { z } from 'zod';
import { ApplyGroupsRequest } from '../../model/operations.js';
import { runbook, type Runbook } from '../engine/runbook.js';
import type { ChildRunbook, Run } from '../kit/runner.js';
import { storeGroups } from '../steps/groups.js';
import { enforceGroups } from '../steps/host.js';
import { permit } from '../steps/request.js';
import { failureOf } from '../engine/failure.js';

const AT_MOST = 20;

/** What became of it on each host; one that could not be asked says why. */
const Applied = z.object({
  hosts: z.array(enforceGroups.output),
  failed: z.array(z.object({ host: z.string(), why: z.string() })),
});
export type Applied = z.infer<typeof Applied>;

/** A host that does not answer keeps its former rules, and keeps the others from nothing. */
export const applyGroupsRunbook: Runbook<ApplyGroupsRequest, Applied> = {
  name: 'applyGroups',
  title: 'Applying security groups',
  request: ApplyGroupsRequest,
  report: Applied,
  phases: { checking: [permit], storing: [storeGroups] },
  subject: ({ groups }) => ({ title: groups.map(({ name }) => name).join(' ') || 'no groups' }),
};

const OnOneHost = z.object({ host: z.string(), requestedBy: z.string() });

/** Of one host, as a run of its own: it is seen, and can be repeated, by itself. */
const onOneHost: ChildRunbook<z.output<typeof OnOneHost>, z.output<typeof enforceGroups.output>> = {
  name: 'enforceSecurityGroups',
  request: OnOneHost,
  report: enforceGroups.output,
};

/** The procedure. @param id begins the ids of the runs that it starts */
export async function applyToAll(
  run: Run,
  { groups, requestedBy, reason }: ApplyGroupsRequest,
  id: string,
): Promise<Applied> {
  await run(permit, { requestedBy, reason, operation: 'groups' });
  // Hosts take their rules from the inventory: first there, then on each of them.
  const { hosts } = await run(storeGroups, { groups });
  const done = await run.each(hosts, { atMost: AT_MOST, key: (host) => host }, (host) =>
    run.child(onOneHost, { host, requestedBy }, `${id}/${host}`),
  );
  return {
    hosts: done.flatMap((each) => (each.ok ? [each.value] : [])),
    failed: done.flatMap((each) =>
      each.ok ? [] : [{ host: each.key, why: failureOf(each.error).message }],
    ),
  };
}

/** The workflow type `applyGroups`. */
export const applyGroups = (input: unknown): Promise<Applied> =>
  runbook(applyGroupsRunbook, input, (run, request, { id }) => applyToAll(run, request, id));
