import { startHarness, untilHeld, type WorkflowHarness } from '../helpers/workflow-site.js';

jest.setTimeout(60_000);

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe('a hold', () => {
  it('after the switchover offers no way back, and a skip is kept with its reason', async () => {
    const site = await harness.fresh(['volume']);
    site.failAt('volumes.disconnectSource');
    const migration = await site.start();
    const hold = await untilHeld(migration);

    expect(hold.choices).toEqual(['retry', 'skip']);
    await expect(migration.rollback({ by: 'operator' })).rejects.toThrow();
    await expect(migration.skip({ by: 'operator' })).rejects.toThrow();
    await migration.skip({ by: 'operator', reason: 'the array is being replaced' });

    await expect(migration.result()).resolves.toMatchObject({ outcome: 'moved' });
    const { decisions, steps } = await migration.progress();
    expect(decisions).toEqual([
      expect.objectContaining({
        choice: 'skip',
        by: 'operator',
        reason: 'the array is being replaced',
      }),
    ]);
    expect(steps.find(({ name }) => name === 'volumes.disconnectSource')?.state).toBe('skipped');
  });

  it('is asked for by --hold before the switchover, and a roll-back takes everything back', async () => {
    const site = await harness.fresh(['local']);
    const start = await site.picture();
    site.failAt('disks.prepareTarget');
    const migration = await site.start({ onFailure: 'hold' });

    expect((await untilHeld(migration)).choices).toEqual(['retry', 'skip', 'rollback']);
    await migration.rollback({ by: 'operator', reason: 'enough' });

    await expect(migration.result()).rejects.toMatchObject({ outcome: 'rolled-back' });
    expect(await site.picture()).toEqual(start);
  });

  it('before the switchover goes on by a retry', async () => {
    const site = await harness.fresh(['local']);
    site.failAt('disks.prepareTarget');
    const migration = await site.start({ onFailure: 'hold' });

    await untilHeld(migration);
    await migration.retry({ by: 'operator' });

    await expect(migration.result()).resolves.toMatchObject({ outcome: 'moved' });
  });

  it('after a failed transfer, with the guest on the source, goes on by another transfer', async () => {
    const site = await harness.fresh(['local']);
    site.world.transfer = 'fails';
    const migration = await site.start({ onFailure: 'hold' });

    expect(await untilHeld(migration)).toMatchObject({
      step: 'transfer.run',
      kind: 'failed',
      choices: ['retry', 'rollback'],
    });
    site.world.transfer = 'succeeds';
    await migration.retry({ by: 'operator' });

    await expect(migration.result()).resolves.toMatchObject({ outcome: 'moved' });
  });

  it('after a failed transfer takes everything back if that is the answer', async () => {
    const site = await harness.fresh(['local']);
    const start = await site.picture();
    site.world.transfer = 'fails';
    const migration = await site.start({ onFailure: 'hold' });

    await untilHeld(migration);
    await migration.rollback({ by: 'operator', reason: 'enough' });

    await expect(migration.result()).rejects.toMatchObject({ outcome: 'rolled-back' });
    expect(await site.picture()).toEqual(start);
  });

  it('for an undo that fails names what is left if it is skipped', async () => {
    const site = await harness.fresh(['local']);
    site.failAt('definition.render');
    site.failAt('disks.removeTarget');
    const migration = await site.start();

    expect(await untilHeld(migration)).toMatchObject({
      step: 'disks.removeTarget',
      kind: 'undo-failed',
    });
    await migration.skip({ by: 'operator', reason: 'will be wiped' });

    await expect(migration.result()).rejects.toMatchObject({
      outcome: 'rolled-back',
      leftovers: [expect.stringContaining('will be wiped')],
    });
  });

  it('that nobody asked for takes no decision', async () => {
    const site = await harness.fresh(['shared']);
    const gate = site.gateAt('storage.precheck');
    const migration = await site.start();
    await gate.reachedBy(migration);

    await expect(migration.retry({ by: 'operator' })).rejects.toThrow();

    gate.open();
    await migration.result();
  });
});
