/** The runbook `checkHost`: what a host, or a pair of hosts, lacks for moves. */
import { defined } from '../../model/defined.js';
import { HostChecks } from '../../model/host-check.js';
import { CheckHostRequest } from '../../model/operations.js';
import { runbook, type Runbook } from '../engine/runbook.js';
import type { Run } from '../kit/runner.js';
import { checkHost as look } from '../steps/host.js';
import { permit } from '../steps/request.js';

/** It changes nothing. */
export const checkHostRunbook: Runbook<CheckHostRequest, HostChecks> = {
  name: 'checkHost',
  title: 'Checking a host',
  request: CheckHostRequest,
  report: HostChecks,
  phases: { checking: [permit], looking: [look] },
  subject: ({ host, to }) => ({ title: to ? `${host} to ${to}` : host }),
};

/** The procedure. */
export async function checkOne(
  run: Run,
  { host, to, requestedBy, reason }: CheckHostRequest,
): Promise<HostChecks> {
  // What is read from hosts is the same right, whatever it is read for.
  await run(permit, { requestedBy, reason, operation: 'discover' });
  return run(look, { host, ...defined({ to }) });
}

/** The workflow type `checkHost`. */
export const checkHost = (input: unknown): Promise<HostChecks> =>
  runbook(checkHostRunbook, input, checkOne);
