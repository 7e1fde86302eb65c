/** Jest's global set-up of the lab tests: the lab is up, with its own `drover up`. */
import { execFileSync } from 'node:child_process';
import { startLabSite, type LabSite } from '../../dist/lab/site.js';

declare global {
  var labSite: LabSite | undefined;
}

/** Brings the lab up (a no-op if it is) and starts drover on it. */
export default async function start(): Promise<void> {
  execFileSync('scripts/lab', ['up'], { stdio: 'inherit' });
  globalThis.labSite = await startLabSite();
  // Names of their own: the server tests have another Temporal in the same run.
  process.env['DROVER_TEST_LAB_TEMPORAL'] = globalThis.labSite.env['TEMPORAL_ADDRESS'];
  process.env['DROVER_TEST_LAB_HOME'] = globalThis.labSite.env['DROVER_HOME'];
}
