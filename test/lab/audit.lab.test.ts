/** The janitor on real hosts. */
import { until } from '../../lab/observer.js';
import { startLabWorker, type LabWorker } from '../helpers/lab-worker.js';
import { hostOf, leftoversOf } from '../../lab/guests.js';
import { closeLab, connectLab, moveTo, startMove, type Lab } from '../helpers/lab.js';

jest.setTimeout(120_000);

let lab: Lab;
let worker: LabWorker;
beforeAll(async () => {
  lab = await connectLab();
  worker = await startLabWorker(lab);
});
afterAll(async () => {
  await worker.close();
  await closeLab(lab);
});

/** Rules of a guest that another test has made and removed by hand are nobody's migration's. */
const findings = async (isRepairing = false) =>
  (await lab.drover.audit(isRepairing)).findings.filter(
    ({ what }) => !what.includes('no VM of the inventory has it'),
  );

it('finds and removes what a migration has left that was terminated in the middle of its work', async () => {
  await moveTo(lab, 'blk1', 'h1');
  const start = await leftoversOf('blk1');
  const gate = worker.gateAt('transfer.run');
  const migration = await startMove(worker, 'blk1', 'h2');
  await gate.reachedBy(migration);
  try {
    expect(await findings()).toEqual([]);
  } finally {
    await worker.drover.temporal.workflow.getHandle(migration.workflowId).terminate('lab test');
    await until(
      async () => (await findings()).some(({ workflowId }) => workflowId === migration.workflowId),
      'the index to know that it is over',
    );
  }

  const repaired = await findings(true);
  gate.open();

  expect(new Set(repaired.map(({ kind }) => kind))).toEqual(
    new Set(['file', 'claim', 'mark', 'binding']),
  );
  expect(repaired.filter(({ isRepaired }) => !isRepaired)).toEqual([]);
  expect(await findings()).toEqual([]);
  expect(await leftoversOf('blk1')).toEqual(start);
  expect(await lab.inventory.claims()).toEqual([]);
  expect(await hostOf('blk1')).toBe('h1');
});
