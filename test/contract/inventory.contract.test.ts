/** The same promises for every inventory: PGlite, PostgreSQL, served over a socket, and the one in memory. */
import { guestXml } from '../../drivers/fake/build.js';
import { parseDomain } from '../../guest/xml/domain.js';
import type { Inventory } from '../../inventory/inventory.js';
import { HostName, MigrationId, VmName } from '../../model/ids.js';
import { facts, host, OPENERS, type Opened } from '../helpers/inventories.js';

jest.setTimeout(60_000);

const GIB = 1024 ** 3;
const H1 = HostName.parse('h1');
const vm = (number: number) => {
  const xml = guestXml({ number, name: `vm${number}`, host: 'h1', disks: ['local'] });
  return {
    xml,
    vm: { ...parseDomain(xml), host: H1, state: 'running' as const, isAutostart: false },
  };
};
const claim = (number: number, gib: number) => ({
  migrationId: MigrationId.parse(`m${number}`),
  vm: vm(number).vm.uuid,
  host: H1,
  memoryBytes: gib * GIB,
  vcpus: 1,
  diskBytes: 0,
});

describe.each(OPENERS)('an inventory $name', ({ open }) => {
  let opened: Opened;
  let inventory: Inventory;
  beforeAll(async () => {
    opened = await open();
    inventory = opened.inventory;
  });
  afterAll(() => opened.close());

  it('does not know a host or a VM that nobody told it of', async () => {
    await expect(inventory.host(H1)).rejects.toMatchObject({ code: 'HOST_UNKNOWN' });
    await expect(inventory.vm('vm1')).rejects.toMatchObject({ code: 'VM_UNKNOWN' });
  });

  it('keeps a host and what was seen on it, also when the record changes', async () => {
    await inventory.putHost(host);
    await inventory.putFacts(H1, facts);
    await inventory.putHost({ ...host, state: 'draining' });

    expect(await inventory.host(H1)).toMatchObject({ host: { state: 'draining' }, facts });
    await inventory.putHost(host);
  });

  it('forgets a host with the VMs on it, and nothing else', async () => {
    const gone = HostName.parse('gone');
    const { vm: record, xml } = vm(7);
    await inventory.putHost({ ...host, name: gone });
    await inventory.putVm({ ...record, host: gone }, xml);

    await inventory.removeHost(gone);
    await inventory.removeHost(gone);

    await expect(inventory.host(gone)).rejects.toMatchObject({ code: 'HOST_UNKNOWN' });
    await expect(inventory.vm('vm7')).rejects.toMatchObject({ code: 'VM_UNKNOWN' });
    expect((await inventory.host(H1)).host.name).toBe(H1);
  });

  it('finds a VM by name and by UUID, and takes a newer record', async () => {
    const { vm: record, xml } = vm(1);
    await inventory.putVm(record, xml);
    await inventory.putVm({ ...record, state: 'paused' }, xml);

    expect(await inventory.vm('vm1')).toMatchObject({ uuid: record.uuid, state: 'paused' });
    expect((await inventory.vm(record.uuid)).name).toBe('vm1');
    expect(await inventory.vms()).toHaveLength(1);
  });

  it('finds a VM by its UUID, also if another one has that for a name', async () => {
    const known = vm(1).vm;
    const other = { ...vm(2).vm, name: VmName.parse(known.uuid) };
    await inventory.putVm(other, vm(2).xml);

    expect((await inventory.vm(known.uuid)).name).toBe(known.name);
    expect((await inventory.vm(other.uuid)).uuid).toBe(other.uuid);
  });

  it('forgets VMs that are no longer seen', async () => {
    const other = vm(2);
    await inventory.putVm(other.vm, other.xml);

    await inventory.forgetOthers(H1, [vm(1).vm.uuid]);

    expect((await inventory.vms()).map(({ name }) => name)).toEqual(['vm1']);
  });

  it('gives the last gigabytes to one of two migrations that want them at once', async () => {
    const results = await Promise.allSettled([
      inventory.take(claim(3, 2)),
      inventory.take(claim(4, 2)),
    ]);

    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'TARGET_FULL' },
    });
  });

  it('takes the same claim again, gives it back, and gives it back again', async () => {
    const [held] = await inventory.claims();
    if (!held) throw new Error('no claim is held');
    await inventory.take(held);
    expect(await inventory.claims()).toHaveLength(1);

    await inventory.release(held.migrationId);
    await inventory.release(held.migrationId);

    expect(await inventory.claims()).toEqual([]);
  });

  it('lets a VM be in one migration only', async () => {
    await inventory.take(claim(5, 1));

    await expect(
      inventory.take({ ...claim(5, 1), migrationId: MigrationId.parse('other') }),
    ).rejects.toMatchObject({ code: 'MIGRATION_OPEN' });

    await inventory.release(MigrationId.parse('m5'));
  });

  it('lets a VM be in one of two migrations that want it for two hosts at once (S25)', async () => {
    const H2 = HostName.parse('h2');
    await inventory.putHost({ ...host, name: H2 });
    await inventory.putFacts(H2, facts);

    for (let round = 0; round < 20; round++) {
      const results = await Promise.allSettled([
        inventory.take(claim(5, 1)),
        inventory.take({ ...claim(5, 1), host: H2, migrationId: MigrationId.parse('other') }),
      ]);

      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'MIGRATION_OPEN' },
      });
      for (const id of ['m5', 'other']) await inventory.release(MigrationId.parse(id));
    }
  });

  it('takes a request for one run, however often that asks (S1)', async () => {
    expect(await inventory.takeRequest('digest-1', 'run-1')).toBe('run-1');
    expect(await inventory.takeRequest('digest-1', 'run-1')).toBe('run-1');
    expect(await inventory.takeRequest('digest-1', 'run-2')).toBe('run-1');
    expect(await inventory.takeRequest('digest-2', 'run-2')).toBe('run-2');
  });

  it('keeps security groups, the newest of a name', async () => {
    await inventory.putGroups([{ name: 'web', ingress: [] }]);
    await inventory.putGroups([
      { name: 'web', ingress: [{ protocol: 'icmp', from: '0.0.0.0/0' }] },
    ]);

    expect(await inventory.groups()).toEqual([
      { name: 'web', ingress: [{ protocol: 'icmp', from: '0.0.0.0/0' }] },
    ]);
  });
});
