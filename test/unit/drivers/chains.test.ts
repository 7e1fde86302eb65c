/** What lies below an image, by the real script and qemu-img on real files; and what of it may be somebody else's. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostShell } from '../../../drivers/interfaces/shell.js';
import { DiskInspection } from '../../../model/storage.js';
import type { CodedError } from '../../../model/errors.js';
import { inspectImage, readChains } from '../../../drivers/storage/qemu-img.js';
import { realShell } from '../../helpers/real-shell.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-chains-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const qemuImg = (...args: string[]) => spawnSync('qemu-img', args, { encoding: 'utf8' });
const chainOf = async (name: string, format = 'qcow2') => {
  const [chain] = await readChains(realShell, [{ path: at(name), format }]);
  return chain;
};

it('an image whose backing file is missing says which, and that nothing else is unknown', async () => {
  qemuImg('create', '-q', '-f', 'qcow2', at('base'), '1M');
  qemuImg('create', '-q', '-f', 'qcow2', '-b', at('base'), '-F', 'qcow2', at('disk'));
  rmSync(at('base'));

  const chain = await chainOf('disk');

  expect(chain).toMatchObject({ layers: [{ below: { path: at('base') } }], problemAt: at('base') });
});

it('an image that lies over itself has an end', async () => {
  qemuImg('create', '-q', '-f', 'qcow2', at('a'), '1M');
  qemuImg('create', '-q', '-f', 'qcow2', '-b', at('a'), '-F', 'qcow2', at('b'));
  qemuImg('rebase', '-u', '-f', 'qcow2', '-b', at('b'), '-F', 'qcow2', at('a'));

  const chain = await chainOf('a');

  expect(chain?.problem).toBe(`${at('a')} lies over itself`);
  expect(chain?.problemAt).toBeUndefined();
});

it('a torn image is one of which it is not known what it lies over', async () => {
  writeFileSync(at('disk'), 'QFI\xfb and then nothing');

  expect(await chainOf('disk')).toMatchObject({ layers: [], problemAt: at('disk') });
});

it('a pipe is not opened: that might never end', async () => {
  spawnSync('mkfifo', [at('pipe')]);

  expect(await chainOf('pipe', 'raw')).toMatchObject({ problem: 'is no file and no block device' });
});

it('a backing file by a way through .. is refused with what to do', async () => {
  mkdirSync(at('below'));
  qemuImg('create', '-q', '-f', 'qcow2', at('base'), '1M');
  qemuImg('create', '-q', '-f', 'qcow2', '-b', '../base', '-F', 'qcow2', at('below/disk'));

  const refused: unknown = await inspectImage(realShell, 'h1', at('below/disk'), 'qcow2').catch(
    (error: unknown) => error,
  );

  expect(refused).toMatchObject({ code: 'STORAGE_UNSUITABLE' });
  const { message, hint } = refused as CodedError;
  expect(message).toMatch(/lies over .*\/below\/\.\.\/base, which leads through \.\.$/);
  expect(hint).toContain(
    `qemu-img rebase -u -b "$(realpath ${at('below')}/../base)" -F qcow2 ${at('below/disk')}, while`,
  );
});

it('the image is named whose header has the way through .., and following the advice loses nothing', async () => {
  mkdirSync(at('vm/mid'), { recursive: true });
  mkdirSync(at('bases'));
  qemuImg('create', '-q', '-f', 'raw', at('bases/root.base'), '1M');
  const over = (below: string, format: string, path: string) =>
    qemuImg('create', '-q', '-f', 'qcow2', '-b', below, '-F', format, at(path));
  over('../../bases/root.base', 'raw', 'vm/mid/mid.qcow2');
  over('mid/mid.qcow2', 'qcow2', 'vm/top.qcow2');
  const inspected = () => inspectImage(realShell, 'h1', at('vm/top.qcow2'), 'qcow2');

  const refused: unknown = await inspected().catch((error: unknown) => error);
  const { message, hint } = refused as CodedError;
  const [, command = ''] = /(qemu-img rebase .*), while/.exec(hint) ?? [];

  expect(message).toMatch(
    /bases\/root\.base, which leads through \.\. \(so named in the header of .*\/vm\/mid\/mid\.qcow2\)$/,
  );
  expect(command).toMatch(/ -F raw .*\/vm\/mid\/mid\.qcow2$/);
  expect(spawnSync('sh', ['-c', command]).status).toBe(0);
  expect((await inspected()).backing.map(({ path }) => path)).toEqual([
    at('vm/mid/mid.qcow2'),
    at('bases/root.base'),
  ]);
});

it.each([
  ['a server', 'nbd://127.0.0.1:10809/x'],
  [
    'QEMU’s JSON',
    'json:{"driver":"nbd","server":{"type":"inet","host":"127.0.0.1","port":"10809"}}',
  ],
])('an image that names %s below it makes root call nobody (S21)', async (_what, below) => {
  qemuImg('create', '-q', '-f', 'qcow2', '-u', '-b', below, '-F', 'raw', at('disk'), '1M');
  const asked: string[][] = [];
  const watched: HostShell = {
    ...realShell,
    run: (command, args) => {
      asked.push([...args]);
      return realShell.run(command, args);
    },
  };

  const [chain] = await readChains(watched, [{ path: at('disk'), format: 'qcow2' }]);

  expect(asked).toEqual([['qcow2', at('disk')]]);
  expect(chain?.problem).toMatch(/is no path of a file/);
  await expect(inspectImage(realShell, 'h1', at('disk'), 'qcow2')).rejects.toMatchObject({
    code: 'STORAGE_UNSUITABLE',
    message: expect.stringMatching(/lies over .*, which drover does not know/) as string,
  });
});

it.each([
  ['raw, reserved', 'raw', ['-o', 'preallocation=falloc'], 'preallocation=falloc'],
  ['raw, sparse', 'raw', [], undefined],
  ['qcow2, reserved', 'qcow2', ['-o', 'preallocation=full'], 'preallocation=falloc'],
  ['qcow2, thin', 'qcow2', [], undefined],
])('a copy has the room that the original has: %s', async (_what, format, options, made) => {
  qemuImg('create', '-q', '-f', format, ...options, at('disk'), '1M');

  const [layer] = (await chainOf('disk', format))?.layers ?? [];

  expect(layer?.made).toBe(made);
});

it('how an image was made is said in words that qemu-img’s options have, and in no others (S7)', async () => {
  const info = {
    format: 'qcow2',
    'virtual-size': 1024,
    'format-specific': { data: { 'compression-type': 'zlib,data_file=.bashrc,data_file_raw=on' } },
  };
  const lying: HostShell = {
    ...realShell,
    run: async (...asked) => ({
      ...(await realShell.run(...asked)),
      stdout: `${JSON.stringify(info)}\n--- 0\n`,
    }),
  };

  await expect(inspectImage(lying, 'h1', '/srv/a', 'qcow2')).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
  });
  const inspection = { capacityBytes: 1, allocatedBytes: 1, backing: [] };
  for (const made of [
    'data_file=.bashrc',
    'compression_type=zlib,data_file=x',
    'encrypt.format=luks',
  ])
    expect(DiskInspection.safeParse({ ...inspection, made }).success).toBe(false);
  const made = 'preallocation=falloc,cluster_size=2097152,compression_type=zstd,extended_l2=on';
  expect(DiskInspection.safeParse({ ...inspection, made }).success).toBe(true);
});
