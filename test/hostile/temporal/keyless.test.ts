/** Whoever reaches Temporal but not drover's key causes nothing and reads nothing (S1, S14). */
import { NativeConnection, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { createActivities } from '../../../activities/index.js';
import { connectDrover, type Drover } from '../../../client/drover.js';
import { dataConverterOf } from '../../../codec/codecs.js';
import { CodedError } from '../../../model/errors.js';
import * as workflows from '../../../workflows/index.js';
import type { FakeSite } from '../../helpers/fake-migration.js';
import { BUNDLE, untilHeld } from '../../helpers/workflow-site.js';
import { address } from '../../helpers/keyed-worker.js';
import { codec, openHouse, taskQueue, type House } from './house.js';
import { failureOfRun, plain, type Stranger } from './stranger.js';

jest.setTimeout(90_000);

const ASKED = { vm: 'vm1', target: 'h2', requestedBy: 'ada-marker', reason: 'reason-marker' };

let refusal: CodedError | undefined;
let house: House;
let site: FakeSite;
let drover: Drover;
let stranger: Stranger;
beforeAll(async () => {
  house = await openHouse(() => refusal);
  ({ site, drover, stranger } = house);
});
afterAll(() => house.close());

const otherHost = async () => ((await site.inventory.vm('vm1')).host === 'h1' ? 'h2' : 'h1');

/** Moves the guest there, as its operator. */
const move = async (target: string) => {
  const migration = await drover.startLiveMigration({ ...ASKED, target });
  await migration.result();
  return migration;
};

it.each(Object.keys(workflows))('starts no %s with a request of his own (S1)', async (type) => {
  const before = await site.picture();
  const id = `stranger/${randomUUID()}`;

  const runId = await stranger.start(type, taskQueue, id, [plain({ ...ASKED, host: 'h1' })]);

  expect(await stranger.until(id, runId, failureOfRun)).toBe('NOT_AUTHORISED');
  expect(await site.picture()).toEqual(before);
});

it('calls no step: not with his own input, nor with any that a history shows (S1)', async () => {
  const migration = await move('h2');
  const events = await stranger.history(migration.workflowId);
  const before = await site.picture();
  const sealed = events.flatMap(({ activityTaskScheduledEventAttributes: of }) =>
    of ? [{ activityId: of.activityId ?? '', input: of.input?.payloads ?? [] }] : [],
  );
  expect(sealed.length).toBeGreaterThan(15);
  const own = plain({ route: { migrationId: migration.runId, source: 'h1', target: 'h2' } });
  const activities = Object.keys(createActivities(site.deps));
  const asked = activities.flatMap((activity, index) => {
    const copied = sealed[index % sealed.length];
    return [
      { activityId: `own-${activity}`, activity, input: [own] },
      { activityId: copied?.activityId ?? '', activity, input: copied?.input ?? [] },
      { activityId: `moved-${activity}`, activity, input: copied?.input ?? [] },
    ];
  });
  const byId = new Map(asked.map((call) => [call.activityId, call]));

  // Under the very id of the run that is over: then each place is the same, and only the run is another.
  const how = await stranger.callAll(migration.workflowId, taskQueue, [...byId.values()]);

  expect(how.size).toBe(byId.size);
  expect(new Set(how.values())).toEqual(new Set(['NOT_AUTHORISED']));
  expect(await site.picture()).toEqual(before);
});

it('starts nothing with a request that he copies (S1)', async () => {
  const migration = await move('h1');
  const [started] = await stranger.history(migration.workflowId);
  const request = started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  await move('h2');
  const before = await site.picture();
  const id = migration.workflowId;

  const again = await stranger.start('liveMigration', taskQueue, id, request);
  expect(await stranger.until(id, again, failureOfRun)).toBe('NOT_AUTHORISED');
  const elsewhere = await stranger.start('liveMigration', taskQueue, `x/${id}`, request);
  expect(await stranger.until(`x/${id}`, elsewhere, failureOfRun)).toBe('NOT_AUTHORISED');

  expect(await site.picture()).toEqual(before);
});

it('begins no move again by a reset to its first task (S1)', async () => {
  const first = await move(await otherHost());
  const back = await move(await otherHost());
  const before = await site.picture();

  for (const { workflowId, runId } of [first, back]) {
    const again = await stranger.reset(workflowId, runId ?? '');
    expect(await stranger.until(workflowId, again, failureOfRun)).toBe('NOT_AUTHORISED');
  }

  expect(await site.picture()).toEqual(before);
});

it('begins nothing else with a request that was made for another runbook (S1)', async () => {
  const queue = `test-hostile-${randomUUID()}`;
  const operator = await connectDrover({ address, taskQueue: queue, codec });
  const before = await site.picture();
  try {
    const asked = operator.checkHost({ host: 'h2', requestedBy: 'ada' });
    const [{ workflowId, input }] = await Promise.all([
      stranger.intercept(queue),
      expect(asked).rejects.toMatchObject({ code: 'RUN_TERMINATED' }),
    ]);

    const again = await stranger.start('removeHost', taskQueue, workflowId, input);
    expect(await stranger.until(workflowId, again, failureOfRun)).toBe('NOT_AUTHORISED');
  } finally {
    await operator.close();
  }
  expect(await site.picture()).toEqual(before);
});

it('answers no hold with an answer that he copies (S1)', async () => {
  const window = { options: { window: { seconds: 0, then: 'wait' } } } as const;
  const first = await drover.startColdMigration({ ...ASKED, target: 'h1', ...window });
  await untilHeld(first);
  await first.revert({ by: 'ada', reason: 'test' });
  await first.result();
  const events = await stranger.history(first.workflowId);
  const [copied] = events.flatMap(
    ({ workflowExecutionUpdateAcceptedEventAttributes: of }) =>
      of?.acceptedRequest?.input?.args?.payloads ?? [],
  );
  if (!copied) throw new Error('the history shows no answer');
  const second = await drover.startColdMigration({ ...ASKED, target: 'h1', ...window });
  await untilHeld(second);

  for (const [name, payload] of [
    ['revert', copied],
    ['confirm', copied],
    ['confirm', plain({ by: 'ada', reason: 'mine', choice: 'confirm' })],
  ] as const)
    expect(await stranger.update(second.workflowId, name, [payload])).toHaveProperty('failure');

  expect((await second.progress()).hold).toMatchObject({ kind: 'window' });
  await second.confirm({ by: 'ada', reason: 'test' });
  expect(await second.result()).toMatchObject({ outcome: 'moved' });
});

it('applies no security groups again with a request that he copies (S1)', async () => {
  const applied = await drover.temporal.workflow.start('enforceSecurityGroups', {
    workflowId: 'groups/h1',
    taskQueue,
    args: ['h1'],
  });
  await applied.result();
  const [started] = await stranger.history('groups/h1');
  const request = started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];

  const again = await stranger.start('enforceSecurityGroups', taskQueue, 'groups/h1', request);

  expect(await stranger.until('groups/h1', again, failureOfRun)).toBe('NOT_AUTHORISED');
});

it('ends a run with the report of another, and nobody takes it for its own (S1)', async () => {
  const over = await move(await otherHost());
  const events = await stranger.history(over.workflowId);
  const report = events.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [];
  // No worker asks for it, so that the stranger's is the one.
  const queue = `test-hostile-${randomUUID()}`;
  const operator = await connectDrover({ address, taskQueue: queue, codec });
  try {
    const { workflowId } = over;
    await operator.temporal.workflow.start('liveMigration', {
      workflowId,
      taskQueue: queue,
      args: [{ ...ASKED, target: await otherHost() }],
    });
    await stranger.complete(queue, report);

    const run = await operator.migration(workflowId);
    await expect(run.result()).rejects.toMatchObject({ code: 'NOT_AUTHORISED' });
  } finally {
    await operator.close();
  }
});

it('ends no upkeep with the result of an earlier one, nor with its request (S1)', async () => {
  const ingress = [{ protocol: 'icmp' as const, from: '0.0.0.0/0' }];
  const asked = { groups: [{ name: 'web', ingress }], requestedBy: 'ada' };
  await drover.applyGroups(asked);
  const events = await stranger.history('groups');
  const started = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const result = events.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [];
  const queue = `test-hostile-${randomUUID()}`;
  const operator = await connectDrover({ address, taskQueue: queue, codec });
  try {
    for (const copied of [result, started])
      await Promise.all([
        stranger.complete(queue, copied),
        expect(operator.applyGroups(asked)).rejects.toMatchObject({ code: 'NOT_AUTHORISED' }),
      ]);
  } finally {
    await operator.close();
  }
});

it.each(['of his own', 'that he copies'])(
  'answers no step in drover’s place with an answer %s (S1)',
  async (which) => {
    const over = await move(await otherHost());
    const events = await stranger.history(over.workflowId);
    const [copied] = events.flatMap(
      ({ activityTaskCompletedEventAttributes: of }) => of?.result?.payloads ?? [],
    );
    const answer = which === 'of his own' ? plain({ rule: 'mine' }) : copied;
    if (!answer) throw new Error('the history shows no answer');
    // Its worker takes workflows only, so that the stranger's is asked for the steps.
    const queue = `test-hostile-${randomUUID()}`;
    const connection = await NativeConnection.connect({ address });
    const worker = await Worker.create({
      connection,
      taskQueue: queue,
      workflowBundle: BUNDLE,
      dataConverter: dataConverterOf(codec),
    });
    const operator = await connectDrover({ address, taskQueue: queue, codec });
    try {
      await worker.runUntil(async () => {
        const id = `migration/${randomUUID()}`;
        const asked = { ...ASKED, target: 'h2' };
        const { workflow } = operator.temporal;
        const workflowId = which === 'of his own' ? id : over.workflowId;
        const run = await workflow.start('liveMigration', {
          taskQueue: queue,
          workflowId,
          args: [asked],
        });
        await stranger.answer(queue, () => [answer]);
        await expect(run.result()).rejects.toMatchObject({ cause: { type: 'NOT_AUTHORISED' } });
      });
    } finally {
      await Promise.all([operator.close(), connection.close()]);
    }
  },
);

it('reads no request, result, failure or summary (S14)', async () => {
  refusal = new CodedError('BAD_CONFIG', 'failure-marker', { hint: 'hint-marker' });
  const refused = await drover.startLiveMigration({ ...ASKED, target: 'h1' });
  await expect(refused.result()).rejects.toMatchObject({
    code: 'BAD_CONFIG',
    message: 'failure-marker',
  });
  refusal = undefined;

  const events = await stranger.history(refused.workflowId);
  const raw = Buffer.from(JSON.stringify(events)).toString();
  const texts = raw.replace(/"data":"([^"]*)"/g, (_all, data: string) => atob(data));
  expect(texts.length).toBeGreaterThan(1000);
  expect(texts).not.toMatch(/failure-marker|hint-marker|reason-marker/);
});

it('repeats no step of a run that is open, although he gets hold of that run (S1)', async () => {
  const target = await otherHost();
  const open = await drover.startColdMigration({
    ...ASKED,
    target,
    options: { window: { seconds: 0, then: 'wait' } },
  });
  await untilHeld(open);
  const before = await site.picture();

  const { asked, how } = await stranger.enterAgain(open.workflowId, taskQueue, [
    'request.authorise',
    'vm.lookup',
    'definition.define',
    'guest.start',
    'guest.powerOff',
  ]);

  expect(asked).toBe(5);
  expect(new Set(how)).toEqual(new Set(['NOT_AUTHORISED']));
  expect(await site.picture()).toEqual(before);
  // Its history is not drover’s any more, so it can only be ended.
  await drover.temporal.workflow.getHandle(open.workflowId).terminate();
});
