/** The workflow `coldMigration` on a real Temporal server, over the fake data centre. */
import { coldMigrationSteps } from '../../workflows/runbooks/cold-migration.js';
import { DISKS } from '../helpers/fake-migration.js';
import { startHarness, untilHeld, type WorkflowHarness } from '../helpers/workflow-site.js';

jest.setTimeout(60_000);

const STEPS = coldMigrationSteps.map(({ name }) => name);
const PIVOT = STEPS.indexOf('guest.confirm');
const BEFORE = STEPS.slice(0, PIVOT);
const AFTER = STEPS.slice(PIVOT);
const AT_ONCE = { options: { window: { seconds: 0, then: 'confirm' } } } as const;
const BY = { by: 'operator', reason: 'test' };
/** Before the claim nothing was touched, so there is nothing to take back. */
const endingOf = (step: string) =>
  STEPS.indexOf(step) < STEPS.indexOf('target.claim') ? 'refused' : 'rolled-back';

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

it.each(Object.keys(DISKS))('a move on %s passes all steps in order', async (kind) => {
  const site = await harness.fresh(DISKS[kind] ?? []);

  const migration = await site.startCold(AT_ONCE);

  expect(await migration.result()).toMatchObject({ outcome: 'moved', source: 'h1', target: 'h2' });
  const { steps } = await migration.progress();
  expect(steps.map(({ name, state }) => `${name} ${state}`)).toEqual(
    STEPS.map((name) => `${name} done`),
  );
  expect((await site.inventory.vm('vm1')).host).toBe('h2');
});

it('a request that is none is refused, whoever started it', async () => {
  const site = await harness.fresh(['local']);

  const migration = await site.startCold({ vm: 'vm2' });

  await expect(migration.result()).rejects.toMatchObject({
    code: 'VM_UNKNOWN',
    outcome: 'refused',
  });
});

it('a plan says how each disk would travel, and touches nothing', async () => {
  const site = await harness.fresh(['shared', 'volume', 'local']);
  const start = await site.picture();

  const report = await (await site.startCold({ mode: 'plan' })).result();

  expect(report.copies?.map(({ device, way }) => `${device} ${way}`)).toEqual([
    'vda move',
    'vdc scp',
  ]);
  const lines = Object.fromEntries(
    report.plan?.steps.map(({ name, lines }) => [name, lines]) ?? [],
  );
  expect(lines['guest.powerOff']).toEqual([
    'virDomainShutdownFlags on h1; virDomainDestroyFlags after 60 s',
  ]);
  expect(lines['disks.transfer']).toHaveLength(2);
  expect(report.plan?.xmlDiff).toContain('--- ');
  expect(await site.picture()).toEqual(start);
});

describe('the window', () => {
  it('waits for confirm, which removes the source’s copy', async () => {
    const site = await harness.fresh(['local']);
    const migration = await site.startCold();

    expect(await untilHeld(migration)).toMatchObject({
      kind: 'window',
      choices: ['confirm', 'revert'],
    });
    expect((await migration.progress()).state).toBe('unconfirmed');
    await expect(migration.retry(BY)).rejects.toThrow();
    await expect(site.startCold({ mode: 'plan' })).rejects.toMatchObject({
      code: 'MIGRATION_OPEN',
    });
    await migration.confirm(BY);

    expect(await migration.result()).toMatchObject({ outcome: 'moved' });
  });

  it('waits for revert, which ends where it began', async () => {
    const site = await harness.fresh(['shared', 'volume', 'local', 'iso']);
    const start = await site.picture();
    const migration = await site.startCold();

    await untilHeld(migration);
    await migration.revert(BY);

    expect(await migration.result()).toMatchObject({
      outcome: 'reverted',
      targetReason: 'reverted by operator: test',
    });
    expect((await migration.progress()).state).toBe('reverted');
    expect(await site.picture()).toEqual(start);
  });

  it('is left by an abort as by revert', async () => {
    const site = await harness.fresh(['local']);
    const start = await site.picture();
    const migration = await site.startCold();

    await untilHeld(migration);
    await migration.abort();

    await expect(migration.result()).rejects.toMatchObject({ outcome: 'cancelled' });
    expect(await site.picture()).toEqual(start);
  });

  it.each([
    { then: 'confirm', outcome: 'moved' },
    { then: 'revert', outcome: 'reverted' },
  ] as const)('ends by itself with $then, if that was asked for', async ({ then, outcome }) => {
    const site = await harness.fresh(['local']);

    const migration = await site.startCold({ options: { window: { seconds: 1, then } } });

    expect(await migration.result()).toMatchObject({ outcome });
  });
});

it.each(BEFORE)('a cancellation at %s is taken back', async (step) => {
  const site = await harness.fresh(['shared', 'volume', 'local']);
  const start = await site.picture();
  const gate = site.gateAt(step);
  const migration = await site.startCold(AT_ONCE);
  await gate.reachedBy(migration);

  await migration.abort();
  gate.open();

  await expect(migration.result()).rejects.toMatchObject({ outcome: 'cancelled' });
  expect(await site.picture()).toEqual(start);
});

it.each(BEFORE)('a failure at %s is taken back', async (step) => {
  const site = await harness.fresh(['shared', 'volume', 'local']);
  const start = await site.picture();
  site.failAt(step);

  const migration = await site.startCold(AT_ONCE);

  await expect(migration.result()).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    outcome: endingOf(step),
    leftovers: [],
  });
  expect(await site.picture()).toEqual(start);
});

it.each(AFTER)('a failure at %s waits for a person, and a retry ends the move', async (step) => {
  const site = await harness.fresh(['local']);
  site.failAt(step);
  const migration = await site.startCold(AT_ONCE);

  expect(await untilHeld(migration)).toMatchObject({ step });
  await migration.retry(BY);

  await expect(migration.result()).resolves.toMatchObject({ outcome: 'moved' });
});
