/** The workflow `liveMigration` when it is cancelled or fails at a step: taken back before the guest has moved, finished afterwards. */
import { liveMigrationSteps } from '../../workflows/runbooks/live-migration.js';
import { startHarness, untilHeld, type WorkflowHarness } from '../helpers/workflow-site.js';

jest.setTimeout(60_000);

const STEPS = liveMigrationSteps.map(({ name }) => name);
const PIVOT = STEPS.indexOf('guest.locate');
const BEFORE = STEPS.slice(0, PIVOT);
const AFTER = STEPS.slice(PIVOT + 1);
/** Before the claim nothing was touched, so there is nothing to take back. */
const endingOf = (step: string) =>
  STEPS.indexOf(step) < STEPS.indexOf('target.claim') ? 'refused' : 'rolled-back';

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe('a cancellation', () => {
  it.each(BEFORE)('at %s leaves the guest on the source and the target clean', async (step) => {
    const site = await harness.fresh(['shared', 'volume', 'local']);
    if (step === 'transfer.run') site.world.transfer = 'runs';
    const start = await site.picture();
    const gate = site.gateAt(step);
    const migration = await site.start();
    await gate.reachedBy(migration);

    await migration.abort();
    gate.open();

    await expect(migration.result()).rejects.toMatchObject({ outcome: 'cancelled' });
    expect(await site.picture()).toEqual(start);
  });

  it.each(AFTER)('at %s comes too late: the move is finished', async (step) => {
    const site = await harness.fresh(['shared', 'volume', 'local']);
    const gate = site.gateAt(step);
    const migration = await site.start();
    await gate.reachedBy(migration);

    await migration.abort();
    gate.open();

    await expect(migration.result()).resolves.toMatchObject({
      outcome: 'moved',
      cancelCameTooLate: true,
    });
    expect((await site.inventory.vm('vm1')).host).toBe('h2');
    expect(await site.inventory.claims()).toEqual([]);
  });
});

describe('a failure', () => {
  it.each(BEFORE)('at %s is taken back', async (step) => {
    const site = await harness.fresh(['shared', 'volume', 'local']);
    const start = await site.picture();
    site.failAt(step);

    const migration = await site.start();

    await expect(migration.result()).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      outcome: endingOf(step),
      leftovers: [],
    });
    expect(await site.picture()).toEqual(start);
    expect((await migration.progress()).state).toBe(endingOf(step));
  });

  it.each([...AFTER, 'guest.locate'])(
    'at %s waits for a person, and a retry finishes the move',
    async (step) => {
      const site = await harness.fresh(['shared', 'volume', 'local']);
      site.failAt(step);
      const migration = await site.start();

      const hold = await untilHeld(migration);
      expect(hold).toMatchObject({ step, choices: expect.arrayContaining(['retry']) as string[] });
      await migration.retry({ by: 'operator' });

      await expect(migration.result()).resolves.toMatchObject({ outcome: 'moved' });
    },
  );
});
