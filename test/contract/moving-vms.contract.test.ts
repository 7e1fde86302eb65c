/** A VM whose move is open and held: it is off the source already, and the inventory still has it there. */
import { hostOf } from '../../drivers/fake/world.js';
import { Audited } from '../../model/audit.js';
import { HostName, MigrationId } from '../../model/ids.js';
import { buildSite, type FakeSite } from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

const H1 = HostName.parse('h1');

/** Its definition on the source is gone; its port's rules are there still. */
async function held(): Promise<FakeSite> {
  const site = await buildSite(['local']);
  const { uuid } = await site.inventory.vm('vm1');
  await site.inventory.take({
    migrationId: MigrationId.parse('migration-1'),
    vm: uuid,
    host: HostName.parse('h2'),
    memoryBytes: 1,
    vcpus: 1,
    diskBytes: 0,
  });
  hostOf(site.world, H1).guests.clear();
  return site;
}

const contextOf = (isOpen: boolean) => ({
  ...contextOn(),
  runOf: () => Promise.resolve({ workflowId: 'migration/vm1', isOpen }),
});
const discover = (site: FakeSite, isOpen: boolean) =>
  codeNamed('host.discover', site.deps).run({ host: 'h1' }, contextOf(isOpen));
const bindingsFound = async (site: FakeSite, isOpen: boolean) =>
  Audited.parse(
    await codeNamed('fleet.audit', site.deps).run({ isRepairing: true }, contextOf(isOpen)),
  ).findings.filter(({ kind }) => kind === 'binding');

it('drover discover does not forget it, and the audit leaves its port alone', async () => {
  const site = await held();

  await discover(site, true);

  expect(await site.inventory.vm('vm1')).toMatchObject({ host: 'h1' });
  expect(await bindingsFound(site, true)).toEqual([]);
  expect(hostOf(site.world, H1).bindings.size).toBe(1);
});

it('its port is not said to be nobody’s, even if the inventory has lost it', async () => {
  const site = await held();
  await site.inventory.forgetOthers(H1, []);

  expect(await bindingsFound(site, true)).toEqual([]);
});

it('when its move is over, it is forgotten as others are', async () => {
  const site = await held();

  await discover(site, false);

  await expect(site.inventory.vm('vm1')).rejects.toMatchObject({ code: 'VM_UNKNOWN' });
  expect(await bindingsFound(site, false)).toMatchObject([
    { what: expect.stringContaining('no VM of the inventory has it') as string },
  ]);
});
