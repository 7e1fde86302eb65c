/** The runbook `registerHost`: makes a host known, and adopts what it runs. */
import type { z } from 'zod';
import { RegisterHostRequest } from '../../model/operations.js';
import { runbook, type Runbook } from '../engine/runbook.js';
import type { Run } from '../kit/runner.js';
import { discover, register } from '../steps/host.js';
import { permit } from '../steps/request.js';

/** What was found on the host. */
export type Registered = z.output<typeof discover.output>;

/** A host that cannot be reached stays registered: the refusal says why, and `drover discover` asks it again. */
export const registerHostRunbook: Runbook<RegisterHostRequest, Registered> = {
  name: 'registerHost',
  title: 'Registering a host',
  request: RegisterHostRequest,
  report: discover.output,
  phases: { checking: [permit], registering: [register], discovering: [discover] },
  subject: ({ host }) => ({ title: host.name }),
};

/** The procedure. */
export async function registerOne(
  run: Run,
  { host, requestedBy, reason }: RegisterHostRequest,
): Promise<Registered> {
  await run(permit, { requestedBy, reason, operation: 'hosts' });
  // Discovering reads the record: it has to be there first.
  await run(register, { host });
  return run(discover, { host: host.name });
}

/** The workflow type `registerHost`. */
export const registerHost = (input: unknown): Promise<Registered> =>
  runbook(registerHostRunbook, input, registerOne);
