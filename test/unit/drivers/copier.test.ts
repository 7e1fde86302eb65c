/** A disk's copy from one folder to another, by the real scripts and QEMU's tools of this machine. Only root may keep its keys. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskCopier } from '../../../drivers/storage/copier.js';
import type { CopyEnd } from '../../../drivers/storage/copying.js';
import type { CopyOrder } from '../../../drivers/interfaces/copy.js';
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

const inside = (name: string) => HostPath.parse(join(folder, name));

/** One image's copy, as a cold move orders it, encrypted. */
function orderOf(name: string, way: 'nbd' | 'scp'): CopyOrder {
  const path = inside(name);
  return {
    owner: MigrationId.parse(`test-${process.pid}`),
    device: 'vda',
    way,
    from: HostName.parse('h1'),
    chain: [{ path, format: 'raw' as const }],
    to: inside(`${name}.${way}`),
    format: 'raw' as const,
    like: path,
    bytes: 5_000_000,
    isEncrypted: true,
  };
}

/** What happens before a command of a copy is run. */
type Before = (name: string, args: readonly string[]) => Promise<void>;

/** One attempt at it. */
function attempt(
  order: CopyOrder,
  before: Before = () => Promise.resolve(),
  signal: AbortSignal = AbortSignal.timeout(60_000),
): Promise<void> {
  const run: HostShell['run'] = async (command, args, options) => {
    await before(command.name, args);
    return shell.run(command, args, options);
  };
  const here = () => Promise.resolve({ ...end, shell: { ...shell, run } });
  return diskCopier(here, here).copy(order, signal, () => undefined);
}

/** @returns what has arrived */
async function copyOf(name: string, way: 'nbd' | 'scp'): Promise<Buffer> {
  const order = orderOf(name, way);
  await attempt(order);
  return readFile(order.to);
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

describe.each(['nbd', 'scp'] as const)('by %s, a worker that stood still', (way) => {
  const image = Buffer.alloc(1_000_000, 'data ');
  const begun = async (name: string) => {
    await writeFile(inside(name), image);
    return orderOf(name, way);
  };
  const arrived = ({ to }: CopyOrder) => readFile(to).catch(() => undefined);
  const leftIn = async ({ to }: CopyOrder) =>
    (await readdir(folder)).filter((name) => join(folder, name).startsWith(`${to}.part-`));

  it('gives no name to what the next attempt has only begun to write', async () => {
    const order = await begun('overtaken');
    const [writing, cut] = [gate(), gate()];
    const half: Before = async (name, args) => {
      if (name !== 'copy.convert') return;
      await writeFile(args[6] ?? '', image.subarray(0, 1000));
      writing.open();
      await cut.opened;
      throw new Error('cut off');
    };
    let next: Promise<void> | undefined;

    await attempt(order, async (name) => {
      if (name !== 'copy.accept') return;
      next = attempt(order, half).catch(() => undefined);
      await writing.opened;
    }).catch(() => undefined);
    const named = await arrived(order);
    cut.open();
    await next;
    await attempt(order);

    expect(named === undefined || named.equals(image)).toBe(true);
    expect((await arrived(order))?.equals(image)).toBe(true);
    expect(await leftIn(order)).toEqual([]);
  });

  it('puts its copy over none that has arrived meanwhile, which the guest may have written to', async () => {
    const order = await begun('late');
    let hasWoken = false;

    const late = attempt(order, async (name) => {
      if (name !== 'copy.convert' || hasWoken) return;
      hasWoken = true;
      await writeFile(order.to, 'written since');
      await writeFile(`${order.to}.drover-${order.owner}`, '');
    });

    await expect(late).rejects.toMatchObject({ code: 'COPY_FAILED' });
    expect(String(await arrived(order))).toBe('written since');
    expect(await leftIn(order)).toEqual([]);
  });

  it('accepts nothing any more once its step was given up', async () => {
    const order = await begun('given-up');
    const givenUp = new AbortController();
    // The last command before the acceptance.
    const last = way === 'nbd' ? 'copy.digest' : 'files.sha256';

    const late = attempt(
      order,
      async (name) => {
        if (name === last) givenUp.abort();
        await Promise.resolve();
      },
      givenUp.signal,
    );

    await expect(late).rejects.toMatchObject({ code: 'COPY_FAILED' });
    expect(await arrived(order)).toBeUndefined();
  });
});

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}
