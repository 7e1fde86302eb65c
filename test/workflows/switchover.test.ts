/** Around the switchover: aborts that come too late, and hosts that contradict each other. */
import { until } from '../../lab/observer.js';
import { HostName } from '../../model/ids.js';
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

/** The step knows of the cancellation with the answer to a heartbeat; two more beats, and it would have acted. */
async function untilCancelHeard(site: WorkflowSite, workflowId: string): Promise<void> {
  const pending = async () => {
    const { raw } = await site.drover.temporal.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.[0];
  };
  const beats = new Set<string>();
  await until(async () => {
    const activity = await pending();
    const isAsked = Number(activity?.state) === CANCEL_REQUESTED;
    if (isAsked) beats.add(JSON.stringify(activity?.lastHeartbeatTime));
    return beats.size > 3;
  }, 'the step to hear of the cancellation');
}
/** temporal.api.enums.v1.PendingActivityState. */
const CANCEL_REQUESTED = 3;

it('an abort after the switch to post-copy comes too late: the transfer is followed to its end', async () => {
  const site = await harness.fresh(['shared']);
  site.world.transfer = 'runs';
  const migration = await site.start({ options: { isPostCopyAllowed: true } });
  const job = () => [...site.world.jobs.values()][0];
  await until(() => job() !== undefined, 'the transfer');
  Object.assign(job() ?? {}, { progress: { ...job()?.progress, isPostCopy: true } });
  await until(
    async () => (await migration.progress()).transfer?.isPostCopy ?? false,
    'post-copy to be seen',
  );

  await migration.abort();
  await untilCancelHeard(site, migration.workflowId);
  expect(job()).toBeDefined();
  job()?.finish();

  expect(await migration.result()).toMatchObject({ outcome: 'moved', cancelCameTooLate: true });
});

describe('hosts that contradict each other', () => {
  it('wait for a person, and forward ends the paused copy on the source', async () => {
    const site = await harness.fresh(['shared']);
    site.world.transfer = 'leaves a paused copy';
    const migration = await site.start();

    const hold = await untilHeld(migration);
    expect(hold).toMatchObject({ kind: 'undecided', choices: ['retry', 'forward', 'rollback'] });
    expect(hold.message).toContain('migrating on h1 and running on h2');
    await expect(migration.forward({ by: 'operator' })).rejects.toThrow();
    await migration.forward({ by: 'operator', reason: 'h1 was restarted in between' });

    await expect(migration.result()).resolves.toMatchObject({ outcome: 'moved' });
    expect(site.world.splitBrains).toEqual([]);
  });

  it('are not settled by forward while both run the guest', async () => {
    const site = await harness.fresh(['shared']);
    site.world.transfer = 'leaves a paused copy';
    const migration = await site.start();
    await untilHeld(migration);
    const source = [...(site.world.hosts.get(HostName.parse('h1'))?.guests.values() ?? [])][0];
    Object.assign(source ?? {}, { state: 'running', reason: 'other' });

    await migration.forward({ by: 'operator', reason: 'in a hurry' });

    await until(async () => {
      const { hold } = await migration.progress();
      return hold?.message.includes('running on h1 too') ?? false;
    }, 'the refusal');
    expect(source?.state).toBe('running');
    Object.assign(source ?? {}, { state: 'paused', reason: 'other' });
    await migration.forward({ by: 'operator', reason: 'paused on h1 now' });
    await expect(migration.result()).resolves.toMatchObject({ outcome: 'moved' });
  });

  it('are not settled by forward while the memory is on both, in part', async () => {
    const site = await harness.fresh(['shared']);
    site.world.transfer = 'leaves a paused copy';
    const migration = await site.start();
    await untilHeld(migration);
    const [source, target] = ['h1', 'h2'].map(
      (name) => [...(site.world.hosts.get(HostName.parse(name))?.guests.values() ?? [])][0],
    );
    Object.assign(source ?? {}, { state: 'paused', reason: 'postcopy' });
    Object.assign(target ?? {}, { state: 'paused', reason: 'other' });

    await migration.forward({ by: 'operator', reason: 'in a hurry' });

    await until(async () => {
      const { hold } = await migration.progress();
      return hold?.message.includes('cannot be settled') ?? false;
    }, 'the refusal');
    expect(source?.state).toBe('paused');
    // The link is back, and libvirt has brought the rest over.
    Object.assign(source ?? {}, { state: 'shutoff', reason: 'other' });
    Object.assign(target ?? {}, { state: 'running' });
    await migration.retry({ by: 'operator' });
    await expect(migration.result()).resolves.toMatchObject({ outcome: 'moved' });
  });

  it('who lost each other after the switch to post-copy are joined again, and an abort changes nothing', async () => {
    const site = await harness.fresh(['shared']);
    site.world.transfer = 'breaks in post-copy';
    const migration = await site.start();
    const [h1, h2] = ['h1', 'h2'].map((name) => site.world.hosts.get(HostName.parse(name)));
    await until(() => h2?.guests.size === 1, 'the guest to have a part on both');
    await migration.abort();
    expect({ onSource: h1?.guests.size, hold: (await migration.progress()).hold }).toEqual({
      onSource: 1,
      hold: undefined,
    });

    site.world.transfer = 'succeeds';

    await expect(migration.result()).resolves.toMatchObject({ outcome: 'moved' });
    expect(h1?.guests.size).toBe(0);
    expect(site.world.splitBrains).toEqual([]);
  });

  it('name a third one that runs the guest', async () => {
    const site = await harness.fresh(['shared']);
    site.world.transfer = 'loses the guest';
    const [h1, h3] = ['h1', 'h3'].map((name) => site.world.hosts.get(HostName.parse(name)));
    for (const [uuid, guest] of h1?.guests ?? []) h3?.guests.set(uuid, { ...guest });
    for (const guest of h3?.guests.values() ?? []) guest.state = 'running';
    const migration = await site.start();

    expect((await untilHeld(migration)).message).toContain('it runs on h3');
    await migration.rollback({ by: 'operator' });
    await expect(migration.result()).rejects.toMatchObject({ outcome: 'rolled-back' });
  });
});
