/** Records the histories that replay.test.ts replays. Run it only for a release: scripts/record-histories. */
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';
import type { Migration } from '../../client/migration.js';
import {
  startHarness,
  untilHeld,
  type WorkflowHarness,
  type WorkflowSite,
} from '../helpers/workflow-site.js';

jest.setTimeout(60_000);

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

async function save(site: WorkflowSite, migration: Migration, name: string): Promise<void> {
  await migration.result().catch(() => undefined);
  const history = await site.drover.temporal.workflow
    .getHandle(migration.workflowId, migration.runId)
    .fetchHistory();
  const folder = join(__dirname, 'histories');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}@${version}.json`), historyToJSON(history));
}

it('moved', async () => {
  const site = await harness.fresh(['shared', 'volume', 'local']);
  await save(site, await site.start(), 'moved');
});

it('failed-before-transfer', async () => {
  const site = await harness.fresh(['shared', 'volume', 'local']);
  site.failAt('disks.prepareTarget');
  await save(site, await site.start(), 'failed-before-transfer');
});

it('failed-transfer', async () => {
  const site = await harness.fresh(['local']);
  site.world.transfer = 'fails';
  await save(site, await site.start(), 'failed-transfer');
});

it('cancelled', async () => {
  const site = await harness.fresh(['shared']);
  site.world.transfer = 'runs';
  const gate = site.gateAt('transfer.run');
  const migration = await site.start();
  await gate.reachedBy(migration);
  await migration.abort();
  gate.open();
  await save(site, migration, 'cancelled');
});

it('held', async () => {
  const site = await harness.fresh(['volume']);
  site.failAt('volumes.disconnectSource', 2);
  const migration = await site.start();
  await untilHeld(migration);
  await migration.retry({ by: 'operator' });
  await untilHeld(migration);
  await migration.skip({ by: 'operator', reason: 'the array is being replaced' });
  await save(site, migration, 'held');
});

it('cold-moved', async () => {
  const site = await harness.fresh(['shared', 'volume', 'local', 'iso']);
  const migration = await site.startCold();
  await untilHeld(migration);
  await migration.confirm({ by: 'operator' });
  await save(site, migration, 'cold-moved');
});

it('cold-reverted', async () => {
  const site = await harness.fresh(['local']);
  const migration = await site.startCold({ options: { window: { seconds: 1, then: 'revert' } } });
  await save(site, migration, 'cold-reverted');
});

it('cold-failed-copy', async () => {
  const site = await harness.fresh(['local']);
  site.failAt('disks.transfer');
  await save(site, await site.startCold(), 'cold-failed-copy');
});
