/** Operations on the fleet as runbooks, and one lock for one guest, on a real Temporal server. */
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { DEFAULT_POLICY, Policy } from '../../model/policy.js';
import { SecurityGroup } from '../../model/network.js';
import { startHarness, untilHeld, type WorkflowHarness } from '../helpers/workflow-site.js';

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const WEB = SecurityGroup.parse({ name: 'web', ingress: [{ protocol: 'tcp', ports: '80' }] });
const notGroups = expect.stringContaining('shop: not the operation groups') as string;
const BY = { requestedBy: 'ada', reason: 'test' };
const UUID = '77000000-0000-4000-8000-000000000001';

it('a host that is registered is known, and its VMs are adopted', async () => {
  const site = await harness.fresh(['shared']);
  const { record } = hostOf(site.world, HostName.parse('h1'));

  const found = await site.drover.registerHost({ host: { ...record, vcpuRatio: 2 }, ...BY });

  expect(found.vms.map(({ name }) => name)).toEqual(['vm1']);
  expect((await site.inventory.host(record.name)).host.vcpuRatio).toBe(2);
  const run = site.drover.temporal.workflow.getHandle('hosts/h1');
  expect((await run.describe()).status.name).toBe('COMPLETED');
});

it('groups are applied on every host, each as a run of its own; a host that is away keeps no other from them', async () => {
  const site = await harness.fresh(['shared']);
  const away = HostName.parse('h2');
  const { dataCentre } = site.deps;
  Object.assign(site.deps, {
    dataCentre: {
      ...dataCentre,
      on: (name: HostName) =>
        name === away ? Promise.reject(new Error('h2 is away')) : dataCentre.on(name),
    },
  });

  const { hosts, failed } = await site.drover.applyGroups({ groups: [WEB], ...BY });

  expect(hosts.map(({ host }) => host).sort()).toEqual(['h1', 'h3']);
  expect(failed).toEqual([{ host: 'h2', why: 'h2 is away' }]);
  expect(await site.inventory.groups()).toContainEqual(WEB);
  const child = site.drover.temporal.workflow.getHandle('groups/h1');
  expect((await child.describe()).status.name).toBe('COMPLETED');
});

it('who may do nothing but apply groups applies them on every host', async () => {
  const site = await harness.fresh(['shared']);
  const role = { name: 'keepers', users: ['ada'], projects: ['none'] };
  site.policy(Policy.parse({ roles: [{ ...role, operations: ['groups'] }] }));

  const { hosts, failed } = await site.drover.applyGroups({ groups: [WEB], ...BY });

  expect(failed).toEqual([]);
  expect(hosts.length).toBe(3);
});

it('who may only move guests registers no host and applies no groups', async () => {
  const site = await harness.fresh(['shared']);
  site.policy({
    roles: [
      {
        name: 'movers',
        users: ['ada'],
        projects: ['lab'],
        hosts: ['*'],
        moves: ['live'],
        decisions: ['*'],
      },
    ],
  });
  const before = await site.inventory.groups();
  const { record } = hostOf(site.world, HostName.parse('h1'));

  await expect(site.drover.applyGroups({ groups: [WEB], ...BY })).rejects.toMatchObject({
    code: 'NOT_AUTHORISED',
    message: expect.stringContaining('movers: not the operation groups') as string,
  });
  await expect(site.drover.registerHost({ host: record, ...BY })).rejects.toMatchObject({
    code: 'NOT_AUTHORISED',
  });
  expect(await site.inventory.groups()).toEqual(before);
});

describe('one guest', () => {
  it('cannot be two moves, whatever name it is asked for by', async () => {
    const site = await harness.fresh(['shared']);
    const gate = site.gateAt('transfer.run');
    const migration = await site.start({ vm: 'vm1' });
    await gate.reachedBy(migration);

    for (const vm of ['vm1', UUID])
      await expect(site.start({ vm })).rejects.toMatchObject({ code: 'MIGRATION_OPEN' });
    await expect(site.startCold({ vm: UUID, mode: 'plan' })).rejects.toMatchObject({
      code: 'MIGRATION_OPEN',
    });

    gate.open();
    expect((await migration.result()).outcome).toBe('moved');
  });

  it('is found by its name and by its UUID', async () => {
    const site = await harness.fresh(['shared']);
    const migration = await site.start({ vm: 'vm1' });
    await migration.result();

    for (const vm of ['vm1', UUID]) {
      const found = await site.drover.migration(vm);
      expect(found.workflowId).toBe(migration.workflowId);
      expect((await found.progress()).title).toBe('vm1');
    }
  });
});

it('a name under which a request was refused before the VM was known finds the run that is open now', async () => {
  const site = await harness.fresh(['local']);
  const known = await site.inventory.vm('vm1');
  await site.inventory.forgetOthers(known.host, []);
  const refused = await site.startCold();
  await expect(refused.result()).rejects.toMatchObject({ code: 'VM_UNKNOWN' });
  await site.inventory.putVm(known, '');
  const open = await site.startCold();
  await untilHeld(open);

  const found = await site.drover.migration('vm1');

  expect([found.workflowId, refused.workflowId]).toEqual([open.workflowId, 'migration/vm1']);
  await found.revert({ by: 'test' });
  await open.result();
});

describe('who may only move guests of another project', () => {
  const bounded = async () => {
    const site = await harness.fresh(['local']);
    const migration = await site.startCold();
    await untilHeld(migration);
    site.policy({
      roles: [
        {
          name: 'shop',
          users: ['ada'],
          projects: ['shop'],
          hosts: ['*'],
          moves: ['live'],
          decisions: ['*'],
        },
      ],
    });
    return { site, migration };
  };
  const refused = { code: 'NOT_AUTHORISED' };

  it('answers no hold, and aborts nothing (S17)', async () => {
    const { site, migration } = await bounded();

    await expect(migration.confirm({ by: 'ada' })).rejects.toMatchObject(refused);
    await expect(migration.revert({ by: 'ada' })).rejects.toMatchObject(refused);
    await expect(migration.abort('ada')).rejects.toMatchObject(refused);

    expect((await migration.progress()).hold).toMatchObject({ kind: 'window' });
    site.policy(DEFAULT_POLICY);
    await migration.revert({ by: 'root' });
    await migration.result();
  });

  it('puts no groups in force on a host, by whatever request (S17)', async () => {
    const { site, migration } = await bounded();
    const bindings = () => hostOf(site.world, HostName.parse('h1')).bindings;
    const before = new Map(bindings());
    const rule = { code: 'NOT_AUTHORISED', message: notGroups };

    await expect(site.drover.enforceGroups('h1', 'ada')).rejects.toMatchObject(rule);
    await expect(site.drover.enforceGroups('h1')).rejects.toMatchObject({ code: rule.code });
    // As a service of an older release asks, past drover's client.
    const raw = await site.drover.temporal.workflow.start('enforceSecurityGroups', {
      workflowId: `groups/raw/${UUID}`,
      taskQueue: (await site.drover.temporal.workflow.getHandle(migration.workflowId).describe())
        .taskQueue,
      args: ['h1'],
    });
    await expect(raw.result()).rejects.toMatchObject({ cause: { type: rule.code } });

    expect(new Map(bindings())).toEqual(before);
    site.policy(DEFAULT_POLICY);
    expect(await site.drover.enforceGroups('h1', 'root')).toMatchObject({ host: 'h1' });
    await migration.revert({ by: 'root' });
    await migration.result();
  });

  it('repairs nothing, and discovers nothing (S17)', async () => {
    const { site, migration } = await bounded();

    const code = { code: 'NOT_AUTHORISED' };
    await expect(site.drover.audit(true, 'ada')).rejects.toMatchObject(code);
    await expect(site.drover.discover('h1', 'ada')).rejects.toMatchObject(code);
    await expect(site.drover.discover('h1')).rejects.toMatchObject(code);
    await expect(site.drover.checkHost({ host: 'h1', ...BY })).rejects.toMatchObject(code);
    await expect(site.drover.removeHost({ host: 'h3', ...BY })).rejects.toMatchObject(code);
    expect((await site.drover.audit()).unasked).toEqual([]);

    site.policy(DEFAULT_POLICY);
    await migration.revert({ by: 'root' });
    await migration.result();
  });
});
