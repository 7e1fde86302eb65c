/** A sample of the fault matrix (scripts/faults): real processes are killed, links cut, disks filled; the guest runs exactly once. */
import { discoverAgain } from '../helpers/lab.js';
import { runCase } from '../../dist/lab/faults/case.js';
import { KINDS, SAMPLE } from '../../dist/lab/faults/kinds.js';
import { startFaultSite, type FaultSite } from '../../dist/lab/faults/site.js';

jest.setTimeout(180_000);

let site: FaultSite;
beforeAll(async () => void (site = await startFaultSite()));
afterAll(async () => {
  await site.stop();
  await discoverAgain();
});

it.each(SAMPLE)('%s, at %s: %s', async (name, step, fault) => {
  const kind = KINDS[name];
  if (!kind) throw new Error(`no kind ${name}`);

  const { faults } = await runCase(site, { name, kind, step, fault });

  expect(faults).toEqual([]);
});
