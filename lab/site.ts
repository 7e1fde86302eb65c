/** drover on the lab: environment, hosts and security groups, for the demo, the benchmarks and the lab tests. */
import { present } from '../model/defined.js';
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codecFrom } from '../client/access.js';
import { connectDrover, type Drover } from '../client/drover.js';
import { prepareScript } from '../drivers/ssh/helper.js';
import { inventorySocket } from '../inventory/open.js';
import { remoteInventory } from '../inventory/remote.js';
import { Host } from '../model/host.js';
import { SecurityGroup } from '../model/network.js';
import { LAB_DIR, LAB_SSH_PORTS } from './folder.js';
import { runInLab } from './observer.js';

/** The lab's hosts. */
export const LAB_HOSTS = ['h1', 'h2', 'h3'] as const;

/** A running drover on the lab. */
export interface LabSite {
  /** What commands need in their environment to reach it. */
  readonly env: Record<string, string>;
  readonly uiUrl: string;
  /** The process of `drover up`. */
  readonly pid: number;
  readonly log: () => string;
  stop(): Promise<void>;
}

/** Whom drover logs in as on the lab's hosts: a member of the group libvirt, with sudo for drover's own commands. */
export const LAB_USER = 'drover';

/** The record of a lab host. */
export const labHost = (name: string, more: Partial<Host> = {}): Host => {
  const number = name.slice(1);
  return Host.parse({
    name,
    ssh: { user: LAB_USER, address: '127.0.0.1', port: LAB_SSH_PORTS + Number(number) },
    libvirtUri: `qemu+tcp://10.77.0.1${number}/system`,
    migrationAddress: `10.77.0.1${number}`,
    ...more,
  });
};

/** What the lab's guests let in: ping, the web server and the echo; port 81 is served but let in by nobody. */
export const LAB_GROUPS: readonly SecurityGroup[] = [
  SecurityGroup.parse({
    name: 'web',
    ingress: [
      { protocol: 'icmp' },
      { protocol: 'tcp', ports: '80' },
      { protocol: 'tcp', ports: '7' },
    ],
  }),
];

/** What drover reads to work on the lab. */
export const labEnvironment = (home: string, port: number, uiPort: number) => ({
  DROVER_HOME: home,
  TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
  DROVER_UI_PORT: String(uiPort),
  DROVER_SSH_KEY: join(LAB_DIR, 'ssh', 'id_ed25519'),
  DROVER_KNOWN_HOSTS: join(LAB_DIR, 'ssh', 'known_hosts'),
  DROVER_IMAGE_STORE: 'http://10.77.0.1:8080',
});

/** Starts `drover up` for the lab, on free ports and in a folder of its own unless `home` names one. */
export async function startLabSite(
  options: { home?: string; port?: number; uiPort?: number } = {},
): Promise<LabSite> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'drover-lab-site-'));
  const [port, uiPort] = [options.port ?? (await freePort()), options.uiPort ?? (await freePort())];
  const env = labEnvironment(home, port, uiPort);
  const { child, log } = await startUp(env);
  const stop = async () => {
    await end(child);
    if (!options.home) rmSync(home, { recursive: true, force: true });
  };
  try {
    await registerLab(env);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, uiUrl: `http://127.0.0.1:${uiPort}`, pid: child.pid ?? 0, log, stop };
}

/** A client of the drover that runs in that environment, with the key that it made there. */
export const connectToSite = async (env: Readonly<Record<string, string>>): Promise<Drover> =>
  connectDrover({
    address: env['TEMPORAL_ADDRESS'] ?? '',
    ...(await codecFrom(join(env['DROVER_HOME'] ?? '', 'codec-keys'))),
  });

/** Prepares and registers the lab's hosts, reads what they run, and puts the security groups in force. */
export async function registerLab(env: Record<string, string>): Promise<void> {
  const inventory = remoteInventory(inventorySocket(env['DROVER_HOME'] ?? ''));
  const drover = await connectToSite(env);
  try {
    for (const name of LAB_HOSTS) await runInLab(name, ['sh', '-c', prepareScript(LAB_USER)]);
    await inventory.putGroups(LAB_GROUPS);
    for (const name of LAB_HOSTS) await inventory.putHost(labHost(name));
    for (const name of LAB_HOSTS) await drover.discover(name);
    for (const name of LAB_HOSTS) await drover.enforceGroups(name);
  } finally {
    await drover.close();
  }
}

async function startUp(
  env: Record<string, string>,
): Promise<{ child: ChildProcess; log: () => string }> {
  const command = join(
    __dirname,
    '..',
    ...present([__dirname.includes('/dist/') ? '..' : undefined]),
    'bin',
    'drover',
  );
  mkdirSync(env['DROVER_HOME'] ?? '', { recursive: true, mode: 0o700 });
  const child = spawn(command, ['up'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ready = new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      appendFileSync(join(env['DROVER_HOME'] ?? '', 'up.log'), chunk);
      text = (text + chunk.toString()).slice(-20_000);
      if (text.includes('drover is up')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) =>
      reject(new Error(`drover up ended with code ${String(code)}:\n${text}`)),
    );
  });
  await ready;
  return { child, log: () => text };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** A port that nobody uses now, below those that the kernel gives to outgoing connections: it stays free until it is bound. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
