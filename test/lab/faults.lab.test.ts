/** A sample of the fault matrix (scripts/faults): real processes are killed, links cut, disks filled; the guest runs exactly once. */
import { discoverAgain } from '../helpers/lab.js';
import { runCase } from '../../dist/lab/faults/case.js';
import { removeOwnGuest, SAMPLE } from '../../dist/lab/faults/kinds.js';
import { startFaultSite, type FaultSite } from '../../dist/lab/faults/site.js';

jest.setTimeout(360_000);

let site: FaultSite;
beforeAll(async () => {
  site = await startFaultSite();
});
afterAll(async () => {
  await site.stop();
  await removeOwnGuest();
  await discoverAgain();
});

it.each(SAMPLE)('%s, at %s: %s', async (kind, step, fault) => {
  const { faults } = await runCase(site, { kind, step, fault });

  expect(faults).toEqual([]);
});
