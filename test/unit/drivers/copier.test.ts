/** A disk's copy from one folder to another, by the real scripts and QEMU's tools of this machine. Only root may keep its keys. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskCopier } from '../../../drivers/storage/copier.js';
import type { CopyEnd } from '../../../drivers/storage/copying.js';
import type { HostShell } from '../../../drivers/interfaces/shell.js';
import { CodedError } from '../../../model/errors.js';
import { Host } from '../../../model/host.js';
import { HostName, HostPath, MigrationId } from '../../../model/ids.js';
import { ran } from '../../helpers/ran.js';

let folder: string;

beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'copier-'))));
afterAll(() => rm(folder, { recursive: true }));

/** Runs a host's commands here; what goes on in the background is not waited for. */
const shell: HostShell = {
  pipe: () => Promise.reject(new Error('nothing is piped here')),
  run: ({ text, name }, args, { stdin = '', okCodes = [0] } = {}) =>
    new Promise((resolve, reject) => {
      const running = spawn('sh', ['-c', text, 'sh', ...args]);
      let [stdout, stderr] = ['', ''];
      running.stdout.on('data', (data) => (stdout += String(data)));
      running.stderr.on('data', (data) => (stderr += String(data)));
      running.stdin.on('error', () => undefined);
      running.stdin.end(stdin);
      running.on('close', (code) => {
        const exitCode = code ?? -1;
        if (okCodes.includes(exitCode)) resolve(ran({ stdout, stderr, exitCode }));
        else reject(new CodedError('COMMAND_FAILED', `${name}: ${stderr}`));
      });
    }),
};

const end: CopyEnd = {
  host: Host.parse({
    name: 'h1',
    ssh: { user: 'root', address: 'h1', port: 22 },
    libvirtUri: 'qemu+ssh://root@h1/system',
    migrationAddress: '127.0.0.1',
  }),
  shell,
};

/** Copies one image as a cold move does, encrypted. @returns what has arrived */
async function copyOf(name: string, way: 'nbd' | 'scp'): Promise<Buffer> {
  const [path, to] = [name, `${name}.${way}`].map((one) => HostPath.parse(join(folder, one)));
  if (!path || !to) throw new Error('no paths');
  const here = () => Promise.resolve(end);
  const order = {
    owner: MigrationId.parse(`test-${process.pid}`),
    device: 'vda',
    way,
    from: HostName.parse('h1'),
    chain: [{ path, format: 'raw' as const }],
    to,
    format: 'raw' as const,
    like: path,
    bytes: 5_000_000,
    isEncrypted: true,
  };
  await diskCopier(here, here).copy(order, AbortSignal.timeout(60_000), () => undefined);
  return readFile(to);
}

it.each([
  { length: 5_000_777, name: 'no whole sectors', way: 'nbd' },
  { length: 5_000_777, name: 'no whole sectors', way: 'scp' },
  { length: 5_000_704, name: 'whole sectors, and no whole blocks', way: 'nbd' },
  { length: 5_001_216, name: 'whole blocks', way: 'nbd' },
] as const)(
  'a raw image of $name arrives by $way byte for byte, and no longer than it was',
  async ({ length, name, way }) => {
    const image = Buffer.alloc(length);
    image.fill('data ', 0, 1_000_000);
    image.fill('end', length - 100);
    await writeFile(join(folder, name), image);

    const copy = await copyOf(name, way);

    expect(copy.length).toBe(length);
    expect(copy.equals(image)).toBe(true);
  },
);
