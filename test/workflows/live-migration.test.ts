/** The workflow `liveMigration` on a real Temporal server, over the fake data centre. */
import { liveMigrationSteps } from '../../workflows/runbooks/live-migration.js';
import { planMove } from '../../client/drover.js';
import { ASKED, DISKS, LIVE_KINDS, SNAPSHOT } from '../helpers/fake-migration.js';
import { startHarness, type WorkflowHarness } from '../helpers/workflow-site.js';

jest.setTimeout(60_000);

const STEPS = liveMigrationSteps.map(({ name }) => name);

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe('a move', () => {
  it.each(LIVE_KINDS)(
    'on %s passes all steps in order and reports where the guest is',
    async (kind) => {
      const site = await harness.fresh(DISKS[kind] ?? []);

      const migration = await site.start();
      const report = await migration.result();

      expect(report).toMatchObject({ outcome: 'moved', vm: 'vm1', source: 'h1', target: 'h2' });
      const { state, steps } = await migration.progress();
      expect(state).toBe('completed');
      expect(steps.map(({ name, state: at }) => `${name} ${at}`)).toEqual(
        STEPS.map((name) => `${name} done`),
      );
      expect((await site.inventory.vm('vm1')).host).toBe('h2');
    },
  );

  it('can be found by VM, hosts, state, project and requester, also if the request names no project', async () => {
    const site = await harness.fresh(['shared']);

    const migration = await site.start();
    await migration.result();

    const deadline = Date.now() + 60_000;
    let found: unknown[] = [];
    while (found.length === 0 && Date.now() < deadline) {
      found = await site.drover.list(
        `VmName = "vm1" AND SourceHost = "h1" AND TargetHost = "h2" AND MigrationState = "completed" AND Project = "lab" AND RequestedBy = "test"`,
      );
    }
    expect(found).toContainEqual(
      expect.objectContaining({
        vm: 'vm1',
        target: 'h2',
        state: 'completed',
        step: 'inventory.record',
      }),
    );
  });

  it('is refused for a request that is not one, whoever started it', async () => {
    const site = await harness.fresh(['shared']);

    await expect(site.start({ vm: '../x' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(site.start({ accept: ['other-file'], reason: 'not given' })).rejects.toMatchObject(
      { code: 'BAD_INPUT', message: expect.stringContaining('reason') as string },
    );
    const past = await site.startRaw({ vm: '../x' });
    await expect(past.result()).rejects.toMatchObject({ code: 'BAD_INPUT', outcome: 'refused' });
  });

  it('that is only looked at is refused with all reasons of live and of cold, apart', async () => {
    const site = await harness.fresh(DISKS[SNAPSHOT] ?? []);

    const asked = planMove(site.drover, { live: ASKED, cold: ASKED }, 'auto');

    await expect(asked).rejects.toMatchObject({
      code: 'DEFINITION_UNSUPPORTED',
      judged: [
        {
          move: 'live',
          verdict: 'refused',
          reasons: [expect.any(String), expect.stringContaining('snapshot before')],
        },
        { move: 'cold', verdict: 'would move', target: 'h2' },
      ],
    });
  });

  it('is refused while another move of the same VM is open', async () => {
    const site = await harness.fresh(['shared']);
    const gate = site.gateAt('storage.precheck');
    const migration = await site.start();
    await gate.reachedBy(migration);

    await expect(site.start()).rejects.toMatchObject({ code: 'MIGRATION_OPEN' });

    gate.open();
    await migration.result();
  });

  it('is refused when every host has an objection, and names each', async () => {
    const site = await harness.fresh(['shared']);
    for (const host of site.world.hosts.values()) host.facts.bridges = [];

    const migration = await site.start({ target: undefined });

    await expect(migration.result()).rejects.toMatchObject({
      code: 'NO_TARGET',
      outcome: 'refused',
      message: expect.stringMatching(/h2: it lacks the bridge br0.*h3: it lacks/) as string,
    });
  });

  it('is refused by the policy, which says by which rule', async () => {
    const site = await harness.fresh(['shared']);
    site.policy({
      roles: [
        {
          name: 'shop',
          users: ['test'],
          projects: ['shop'],
          hosts: ['*'],
          moves: ['*'],
          decisions: ['*'],
        },
      ],
    });
    const start = await site.picture();

    const migration = await site.start();

    await expect(migration.result()).rejects.toMatchObject({
      code: 'NOT_AUTHORISED',
      outcome: 'refused',
      message: 'test may not do this: shop: not for the project lab',
    });
    expect(await site.picture()).toEqual(start);
  });

  it('is refused for a project that the VM is not in', async () => {
    const site = await harness.fresh(['shared']);

    const migration = await site.start({ project: 'bank' });

    await expect(migration.result()).rejects.toMatchObject({ code: 'NOT_AUTHORISED' });
  });

  it('only plans on request, and touches nothing', async () => {
    const site = await harness.fresh(['shared', 'volume', 'local']);
    const start = await site.picture();

    const report = await (await site.start({ mode: 'plan' })).result();

    expect(report.outcome).toBe('planned');
    expect(report.plan?.steps.find(({ name }) => name === 'transfer.run')?.lines[0]).toContain(
      'virDomainMigrateToURI3 qemu+tcp://h2/system',
    );
    expect(report.plan?.xmlDiff).toContain('dr525400770001');
    expect(await site.picture()).toEqual(start);
  });
});

it('a target whose libvirtd the source does not reach is refused, and nothing is touched', async () => {
  const site = await harness.fresh(['shared']);
  const start = await site.picture();
  site.world.isLinkCut = true;

  await expect((await site.start()).result()).rejects.toMatchObject({
    outcome: 'refused',
    message: expect.stringContaining('h1 cannot reach its libvirtd at') as string,
  });
  expect(await site.picture()).toEqual(start);
});
