/** The same promises for every inventory: PGlite, PostgreSQL, served over a socket, and the one in memory. */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guestXml } from '../../drivers/fake/build.js';
import { inMemoryInventory } from '../../inventory/in-memory.js';
import { parseDomain } from '../../guest/xml/domain.js';
import { openEmbedded, openPostgres } from '../../inventory/database.js';
import { createInventory, type Inventory } from '../../inventory/inventory.js';
import { remoteInventory, serveInventory } from '../../inventory/remote.js';
import { Host } from '../../model/host.js';
import { HostName, MigrationId } from '../../model/ids.js';

jest.setTimeout(60_000);

type Opened = { inventory: Inventory; close(): Promise<void> };
const GIB = 1024 ** 3;
const H1 = HostName.parse('h1');
const host = Host.parse({
  name: 'h1',
  ssh: { user: 'root', address: 'h1', port: 22 },
  libvirtUri: 'qemu+tcp://h1/system',
});
const facts = {
  memoryBytes: 4.5 * GIB,
  freeMemoryBytes: 4 * GIB,
  cpus: 2,
  arch: 'x86_64',
  cpuModel: 'x',
  libvirtVersion: 9_000_000,
  qemuVersion: 7_002_000,
  machines: ['q35'],
  virtTypes: ['kvm'],
  bridges: ['br0'],
  networks: [],
};
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

/** A PostgreSQL server of the test's own, on a unix socket in a folder that goes away. */
async function openOwnPostgres(): Promise<Opened> {
  const versions = '/usr/lib/postgresql';
  const bin = join(
    versions,
    existsSync(versions) ? (readdirSync(versions).at(-1) ?? '') : '',
    'bin',
  );
  const folder = mkdtempSync(join(tmpdir(), 'drover-pg-'));
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres']).toString());
  const [uid, gid] = [id('-u'), id('-g')];
  chownSync(folder, uid, gid);
  execFileSync(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-A', 'trust', '-N'], {
    uid,
    gid,
    cwd: folder,
  });
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', join(folder, 'data'), '-k', folder, '-h', ''],
    { uid, gid, cwd: folder, stdio: 'ignore' },
  );
  const url = `postgresql://postgres@localhost/postgres?host=${folder}`;
  const deadline = Date.now() + 20_000;
  let database: Awaited<ReturnType<typeof openPostgres>> | undefined;
  while (!database) {
    database = await openPostgres(url).catch((error: unknown) => {
      if (Date.now() > deadline) throw error;
      return undefined;
    });
  }
  const { db, close } = database;
  return {
    inventory: createInventory(db),
    async close() {
      await close();
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function openServed(): Promise<Opened> {
  const database = await openEmbedded();
  const folder = mkdtempSync(join(tmpdir(), 'drover-inventory-'));
  const server = await serveInventory(createInventory(database.db), join(folder, 's'));
  return {
    inventory: remoteInventory(join(folder, 's')),
    async close() {
      server.close();
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const OPENERS: { name: string; open: () => Promise<Opened> }[] = [
  {
    name: 'in memory, for tests',
    open: () => Promise.resolve({ inventory: inMemoryInventory(), close: () => Promise.resolve() }),
  },
  {
    name: 'PGlite',
    open: () => openEmbedded().then(({ db, close }) => ({ inventory: createInventory(db), close })),
  },
  { name: 'PGlite over a socket', open: openServed },
  { name: 'PostgreSQL', open: openOwnPostgres },
];

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

  it('finds a VM by name and by UUID, and takes a newer record', async () => {
    const { vm: record, xml } = vm(1);
    await inventory.putVm(record, xml);
    await inventory.putVm({ ...record, state: 'paused' }, xml);

    expect(await inventory.vm('vm1')).toMatchObject({ uuid: record.uuid, state: 'paused' });
    expect((await inventory.vm(record.uuid)).name).toBe('vm1');
    expect(await inventory.vms()).toHaveLength(1);
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
