/** Links and pipes that somebody has put where root is about to write or read, by the real scripts on real files: root follows none (S10). */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostCommand } from '../../../drivers/interfaces/shell.js';
import { ACCEPT_COPY, FLATTEN } from '../../../drivers/storage/copy-scripts.js';
import * as files from '../../../drivers/storage/scripts.js';

const SHA256_OF_DATA = '3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7';
const LIKE = ['root', 'root', '0600'];

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-links-'));
  writeFileSync(at('victim'), 'precious');
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = ({ text }: HostCommand, args: readonly string[], input = '') =>
  spawnSync('sh', ['-c', text, 'sh', ...args], { input, encoding: 'utf8', timeout: 10_000 });

it.each<[string, string, () => unknown]>([
  ['the mark of a disk', 'disk.drover-m1', () => makeDisk()],
  ['an unfinished disk', 'disk.part-m1', () => makeDisk()],
  [
    'the mark of a folder',
    'vm.drover-m1',
    () => run(files.MAKE_FOLDERS, ['m1', at('vm'), ...LIKE]),
  ],
  ['the mark of a file that is received', 'base.drover-m1', () => receive()],
  ['a file that is received', 'base.part-m1', () => receive()],
  ['a file that is downloaded', 'base.part-m1', () => download()],
  ['a file that is accepted', 'base', () => [receive(), accept()]],
  ['a probe', '.drover-probe-m1', () => run(files.WRITE_PROBE, [at('.drover-probe-m1'), 'm1'])],
  ['a flat image', 'flat', () => flatten()],
  ['the mark of a copy', 'copy.drover-m1', () => acceptCopy('part')],
])('%s', (_what, name, act) => {
  symlinkSync(at('victim'), at(name));

  act();

  expect(readFileSync(at('victim'), 'utf8')).toBe('precious');
});

it('a copy that is a link by now is not accepted', () => {
  symlinkSync(at('victim'), at('link'));

  expect(run(ACCEPT_COPY, [at('copy'), 'm1', at('link'), ...LIKE]).status).not.toBe(0);
});

it('a received file that is a link by now is not accepted', () => {
  writeFileSync(at('victim'), 'data');
  symlinkSync(at('victim'), at('base.part-m1'));

  expect(accept().status).not.toBe(0);
});

it.each<[string, HostCommand, readonly string[]]>([
  ['hashed', files.SHA256, []],
  ['read', files.READ, []],
  ['compared', files.HAVE_FILE, ['m1', SHA256_OF_DATA]],
  ['read for a probe', files.READ_PROBE, []],
])('a pipe is not %s: that would never end', (_how, command, more) => {
  spawnSync('mkfifo', [at('pipe')]);

  const { signal } = run(command, [at('pipe'), ...more]);

  expect(signal).toBeNull();
});

const makeDisk = () =>
  run(files.MAKE_DISK, [at('disk'), 'm1', 'qcow2', '1048576', '', '', ...LIKE]);
const receive = () => run(files.RECEIVE, [at('base'), 'm1', '4'], 'data');
const accept = () => run(files.ACCEPT, [at('base'), 'm1', SHA256_OF_DATA, ...LIKE]);
function download() {
  writeFileSync(at('origin'), 'data');
  return run(files.DOWNLOAD, [at('base'), 'm1', `file://${at('origin')}`, '4']);
}
function flatten() {
  spawnSync('qemu-img', ['create', '-q', '-f', 'qcow2', at('image'), '1M']);
  return run(FLATTEN, [at('image'), at('flat')]);
}
function acceptCopy(part: string) {
  mkdirSync(at('d'));
  writeFileSync(at(part), 'data');
  return run(ACCEPT_COPY, [at('copy'), 'm1', at(part), ...LIKE]);
}
