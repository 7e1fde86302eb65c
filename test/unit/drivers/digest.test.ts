/** The hash of what a guest sees, by the real script and the real qemu-img on this machine. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { digestOf, type Digest } from '../../../drivers/storage/digest.js';
import type { HostShell } from '../../../drivers/interfaces/shell.js';
import { HostPath } from '../../../model/ids.js';
import { ran } from '../../helpers/ran.js';

const run = promisify(execFile);
const KEY = '00112233445566778899aabbccddeeff';
const BLOCK = 4096;
let folder: string;

beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'digest-'))));
afterAll(() => rm(folder, { recursive: true }));

/** Runs a host's commands here. */
const shellWith = (env: NodeJS.ProcessEnv): Pick<HostShell, 'run'> => ({
  run: async ({ text }, args, { stdin = '' } = {}) => {
    const running = run('sh', ['-c', text, 'sh', ...args], { env });
    running.child.stdin?.end(stdin);
    return ran(await running);
  },
});

const hash = (name: string, { key = KEY, env = process.env } = {}): Promise<Digest | undefined> =>
  digestOf(
    shellWith(env) as HostShell,
    [{ path: pathOf(name), format: name.endsWith('qcow2') ? 'qcow2' : 'raw' }],
    key,
    AbortSignal.timeout(10_000),
  );
const pathOf = (name: string): HostPath => HostPath.parse(join(folder, name));

/** A disk of two turns of 16 MiB, with data at the start, past a gap of zeroes, and in the last sector. */
async function makeDisk(name: string, change: (bytes: Buffer) => void = () => undefined) {
  const bytes = Buffer.alloc(20 * 1024 * 1024 + 512);
  bytes.fill('data ', 0, 1_500_000);
  bytes.fill('more ', 700 * BLOCK, 703 * BLOCK);
  bytes.fill('end', bytes.length - 512);
  change(bytes);
  await writeFile(pathOf(name), bytes);
}

const convert = (from: string, to: string, ...options: string[]) =>
  run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', ...options, pathOf(from), pathOf(to)]);

test('a disk has one hash, whatever its format and wherever its zeroes are written', async () => {
  await makeDisk('disk.raw');
  await convert('disk.raw', 'sparse.qcow2');
  await convert('disk.raw', 'full.qcow2', '-S', '0');
  const raw = await hash('disk.raw');
  expect(raw).toEqual({ by: 'gmac', hex: expect.stringMatching(/^[0-9A-F]{64}$/) as string });
  expect(await hash('sparse.qcow2')).toEqual(raw);
  expect(await hash('full.qcow2')).toEqual(raw);
});

test.each([
  { size: 1024 * 1024 + 512, name: 'a sector past a MiB' },
  { size: 300 * BLOCK + 2048, name: 'the middle of a block' },
  { size: 16 * 1024 * 1024 - 1024, name: 'just before the other process’s turn' },
])('an overlay on a base that ends at $name has the hash of its flat copy', async ({ size }) => {
  const base = Buffer.alloc(size, 'base of a template ');
  await writeFile(pathOf('odd.raw'), base);
  const [odd, over, flat] = ['odd.raw', 'over.qcow2', 'flat.qcow2'].map(pathOf);
  const create = ['create', '-q', '-f', 'qcow2', '-b', `${odd}`, '-F', 'raw', `${over}`, '20M'];
  await run('qemu-img', create);
  await run('qemu-io', ['-f', 'qcow2', '-c', 'write -q -P 0x55 18M 64k', `${over}`]);
  await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'qcow2', `${over}`, `${flat}`]);
  const chain = [
    { path: pathOf('over.qcow2'), format: 'qcow2' },
    { path: pathOf('odd.raw'), format: 'raw' },
  ] as const;
  const shell = shellWith(process.env) as HostShell;

  const original = await digestOf(shell, chain, KEY, AbortSignal.timeout(10_000));

  expect(original?.hex).toMatch(/^[0-9A-F]{64}$/);
  expect(await hash('flat.qcow2')).toEqual(original);
});

test.each<[string, (bytes: Buffer) => void]>([
  ['one bit is flipped', (bytes) => (bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 1)],
  [
    'a block stands one block later',
    (bytes) =>
      bytes.copyWithin(701 * BLOCK, 700 * BLOCK, 703 * BLOCK).fill(0, 700 * BLOCK, 701 * BLOCK),
  ],
  ['a block is missing', (bytes) => bytes.fill(0, 10 * BLOCK, 11 * BLOCK)],
  ['the last sector is missing', (bytes) => bytes.fill(0, bytes.length - 512)],
])('the hash is another one if %s', async (_, change) => {
  await makeDisk('disk.raw');
  await makeDisk('changed.raw', change);
  expect((await hash('changed.raw'))?.hex).not.toBe((await hash('disk.raw'))?.hex);
});

test('without the key of the copy nobody can say the hash beforehand', async () => {
  await makeDisk('disk.raw');
  const other = await hash('disk.raw', { key: KEY.replaceAll('0', 'f') });
  expect(other?.hex).not.toBe((await hash('disk.raw'))?.hex);
});

test('a host without OpenSSL 3 hashes by SHA-256, and says so', async () => {
  await makeDisk('disk.raw');
  await convert('disk.raw', 'disk.qcow2');
  await run('sh', [
    '-c',
    'mkdir -p "$1"; for c in sh qemu-img perl sha256sum; do ln -sf "$(command -v $c)" "$1/"; done',
    'sh',
    pathOf('bin'),
  ]);
  const env = { PATH: pathOf('bin') };
  const raw = await hash('disk.raw', { env });
  expect(raw).toEqual({ by: 'sha256', hex: expect.stringMatching(/^[0-9a-f]{128}$/) as string });
  expect(await hash('disk.qcow2', { env })).toEqual(raw);
});
