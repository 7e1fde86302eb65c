/** The runbook `removeHost`: a host is forgotten; nothing on it is touched. */
import type { z } from 'zod';
import { RemoveHostRequest } from '../../model/operations.js';
import { runbook, type Runbook } from '../engine/runbook.js';
import type { Run } from '../kit/runner.js';
import { forget } from '../steps/host.js';
import { permit } from '../steps/request.js';

/** The VMs that were recorded on it. */
export type Removed = z.output<typeof forget.output>;

/** Who may register hosts may take them out. */
export const removeHostRunbook: Runbook<RemoveHostRequest, Removed> = {
  name: 'removeHost',
  title: 'Removing a host',
  request: RemoveHostRequest,
  report: forget.output,
  phases: { checking: [permit], forgetting: [forget] },
  subject: ({ host }) => ({ title: host }),
};

/** The procedure. */
export async function removeOne(
  run: Run,
  { host, requestedBy, reason }: RemoveHostRequest,
): Promise<Removed> {
  await run(permit, { requestedBy, reason, operation: 'hosts' });
  return run(forget, { host });
}

/** The workflow type `removeHost`. */
export const removeHost = (input: unknown): Promise<Removed> =>
  runbook(removeHostRunbook, input, removeOne);
