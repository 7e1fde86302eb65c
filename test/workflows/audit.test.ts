/** The janitor, on a real Temporal server over the fake data centre. */
import { until } from '../../lab/observer.js';
import { hostOf } from '../../drivers/fake/world.js';
import { HostName, MigrationId, VmName, VmUuid } from '../../model/ids.js';
import { startHarness, type WorkflowHarness } from '../helpers/workflow-site.js';

jest.setTimeout(60_000);

let harness: WorkflowHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

/** A migration that somebody terminated in Temporal's Web UI when half of its work was done. */
async function terminated() {
  const site = await harness.fresh(['local']);
  const start = await site.picture();
  const gate = site.gateAt('transfer.run');
  const migration = await site.start();
  await gate.reachedBy(migration);
  const open = await site.drover.audit();
  await site.drover.temporal.workflow.getHandle(migration.workflowId).terminate('test');
  await until(
    async () => (await site.drover.audit()).findings.some(({ workflowId }) => workflowId),
    'the index to know that it is over',
  );
  return { site, start, open, gate };
}

it('leaves an open migration alone', async () => {
  const { open, gate } = await terminated();
  gate.open();
  expect(open).toMatchObject({ findings: [], unasked: [] });
});

it('lists what a terminated migration has left, by its name, and changes nothing', async () => {
  const { site, gate } = await terminated();
  const before = await site.picture();

  const { findings } = await site.drover.audit();

  expect(new Set(findings.map(({ kind }) => kind))).toEqual(
    new Set(['file', 'claim', 'mark', 'binding']),
  );
  for (const { kind, workflowId, isRepaired } of findings) {
    expect(isRepaired).toBe(false);
    if (kind !== 'binding')
      expect(workflowId).toBe('migration/77000000-0000-4000-8000-000000000001');
  }
  expect(await site.picture()).toEqual(before);
  gate.open();
});

it('repairs it, so that the world is as it was', async () => {
  const { site, start, gate } = await terminated();

  const { findings } = await site.drover.audit(true);

  expect(findings.filter(({ isRepaired }) => !isRepaired)).toEqual([]);
  expect((await site.drover.audit()).findings).toEqual([]);
  expect(await site.picture()).toEqual(start);
  gate.open();
});

it('never touches what bears the id of a migration that it does not know', async () => {
  const site = await harness.fresh(['local']);
  const guest = [...hostOf(site.world, HostName.parse('h1')).guests.values()][0];
  if (guest) guest.mark = { migrationId: MigrationId.parse('from-another-drover'), epoch: 3 };
  const before = await site.picture();

  const { findings } = await site.drover.audit(true);

  expect(findings).toMatchObject([
    { kind: 'mark', owner: 'from-another-drover', isRepaired: false },
  ]);
  expect(await site.picture()).toEqual(before);
});

it('says that a guest is on another host than the inventory has it, and on two hosts', async () => {
  const site = await harness.fresh(['shared']);
  const [h1, h3] = ['h1', 'h3'].map((name) => hostOf(site.world, HostName.parse(name)));
  for (const [uuid, guest] of h1?.guests ?? []) {
    h3?.guests.set(uuid, { ...guest });
    guest.state = 'shutoff';
  }

  const { findings } = await site.drover.audit(true);

  expect(findings.map(({ kind, isRepaired }) => `${kind} ${isRepaired}`)).toEqual(
    expect.arrayContaining(['twice false', 'inventory true']) as string[],
  );
  expect((await site.inventory.vm('vm1')).host).toBe('h3');
});

it('leaves the rules of a guest that shares its address with another one (G19)', async () => {
  const site = await harness.fresh(['shared']);
  const h1 = hostOf(site.world, HostName.parse('h1'));
  const [known] = await site.inventory.vms();
  if (!known) throw new Error('no VM is known');
  const twin = {
    ...known,
    uuid: VmUuid.parse('77000000-0000-4000-8000-0000000000fe'),
    name: VmName.parse('a-twin'),
  };
  // The twin is the first that an inventory finds by that address.
  await site.inventory.forgetOthers(known.host, []);
  await site.inventory.putVm({ ...twin, host: HostName.parse('h2') }, '');
  await site.inventory.putVm(known, '');
  const before = [...h1.bindings.keys()];

  const { findings } = await site.drover.audit(true);

  expect(findings.filter(({ kind }) => kind === 'binding')).toEqual([]);
  expect([...h1.bindings.keys()]).toEqual(before);
  expect(before.length).toBeGreaterThan(0);
});

it('never removes what a guest on the target needs, whatever marks it bears', async () => {
  const site = await harness.fresh(['local', 'nvram']);
  const gate = site.gateAt('definition.persist');
  const migration = await site.start();
  await gate.reachedBy(migration);
  await site.drover.temporal.workflow.getHandle(migration.workflowId).terminate('test');
  await until(
    async () => (await site.drover.audit()).findings.some(({ workflowId }) => workflowId),
    'the index to know that it is over',
  );
  const { files, marks } = hostOf(site.world, HostName.parse('h2'));
  const before = [...files.keys()];
  expect([...marks.keys()].some((path) => path.endsWith('_VARS.fd'))).toBe(true);

  await site.drover.audit(true);
  gate.open();

  expect([...files.keys()]).toEqual(before);
});
