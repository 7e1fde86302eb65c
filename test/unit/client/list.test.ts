/** What `drover list` says of a run. */
import { summaryOf } from '../../../client/list.js';

const run = (status: string, step = 'guest.confirm') =>
  summaryOf({
    workflowId: 'migration/77000000-0000-4000-8000-000000000003',
    runId: '1',
    status: { name: status },
    startTime: new Date(0),
    searchAttributes: { VmName: ['blk1'], MigrationState: ['unconfirmed'], Step: [step] },
  });

it('shows the state that a run has written, as long as it can say so', () => {
  expect(run('RUNNING').state).toBe('unconfirmed');
});

it.each([
  ['TERMINATED', 'terminated'],
  ['TIMED_OUT', 'timed out'],
])('shows of a run that somebody has ended from outside (%s) that it is over', (status, state) => {
  expect(run(status).state).toBe(state);
});

it('shows of a dry run that nothing has moved', () => {
  expect(run('COMPLETED', 'plan.preview').state).toBe('planned');
});
