/** A sealed request begins one run, and soon: a copy of it is worth nothing to who has taken it away (S1). */
import { refuseSecondUse } from '../../../../activities/request/once.js';
import { inMemoryInventory } from '../../../../inventory/in-memory.js';
import { contextOn } from '../../../helpers/memory-engine.js';
import { virtualClock } from '../../../helpers/virtual-clock.js';

const MINUTE_MS = 60_000;
const SEALED_AT_MS = 1_000_000;

const site = () => {
  const inventory = inMemoryInventory();
  return {
    asks: (runId: string, afterMs: number, digest = 'digest-1') =>
      refuseSecondUse(inventory, {
        ...contextOn(virtualClock()),
        nowMs: () => SEALED_AT_MS + afterMs,
        requestOf: () => Promise.resolve({ digest, sealedAtMs: SEALED_AT_MS, runId }),
      }),
  };
};
const refused = (says: RegExp) => ({
  code: 'NOT_AUTHORISED',
  message: expect.stringMatching(says) as string,
});

it('is taken by its run, again if the run asks again', async () => {
  const { asks } = site();
  await asks('run-1', 0);
  await expect(asks('run-1', 59 * MINUTE_MS)).resolves.toBeUndefined();
  await expect(asks('run-1', 61 * MINUTE_MS)).resolves.toBeUndefined();
});

it('is taken by no second run', async () => {
  const { asks } = site();
  await asks('run-1', 0);
  await expect(asks('run-2', MINUTE_MS)).rejects.toMatchObject(
    refused(/run-1 was already started/),
  );
});

it('that nobody has taken for an hour begins nothing any more', async () => {
  const { asks } = site();
  const tooLate = refused(/more than an hour ago/);
  await expect(asks('run-1', 61 * MINUTE_MS)).rejects.toMatchObject(tooLate);
  await expect(asks('run-2', 62 * MINUTE_MS)).rejects.toMatchObject(tooLate);
  await expect(asks('run-3', 0, 'digest-2')).resolves.toBeUndefined();
});
