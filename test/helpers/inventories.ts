/** Every kind of inventory, opened and empty, and what tests put into one. */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inMemoryInventory } from '../../inventory/in-memory.js';
import { openEmbedded, openPostgres } from '../../inventory/database.js';
import { createInventory, type Inventory } from '../../inventory/inventory.js';
import { remoteInventory, serveInventory } from '../../inventory/remote.js';
import { Host } from '../../model/host.js';

/** An inventory, and how it is closed. */
export type Opened = { inventory: Inventory; close(): Promise<void> };

const GIB = 1024 ** 3;

/** A host. */
export const host = Host.parse({
  name: 'h1',
  ssh: { user: 'root', address: 'h1', port: 22 },
  libvirtUri: 'qemu+tcp://h1/system',
});

/** What was seen on it. */
export const facts = {
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
  const deadline = Date.now() + 60_000;
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

/** PGlite, PostgreSQL, served over a socket, and the one in memory. */
export const OPENERS: { name: string; open: () => Promise<Opened> }[] = [
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
