/** Owner and mode of what a move makes (S15), by the real scripts on real files: the original's when it is done, nobody else's to read before. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCEPT_COPY, FLATTEN } from '../../../drivers/storage/copy-scripts.js';
import * as files from '../../../drivers/storage/scripts.js';

const LIKE = ['daemon', 'games', '0640'];
const [DAEMON_UID, GAMES_GID] = [1, 60];
const SHA256_OF_DATA = '3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-modes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
/** As on a host whose root has the usual umask. */
function run({ text }: { text: string }, args: string[], input = ''): void {
  const script = `umask 022\n${text}`;
  const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', ...args], {
    input,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr}`);
}
function seen(path: string): [mode: string, uid: number, gid: number] {
  const { mode, uid, gid } = statSync(path);
  return [(mode & 0o7777).toString(8), uid, gid];
}

it('a new folder and a new disk have owner, group and mode of the original', () => {
  run(files.MAKE_FOLDERS, ['m1', at('vm'), 'daemon', 'games', '0711']);
  run(files.MAKE_DISK, [at('vm/disk'), 'm1', 'qcow2', '1048576', '', '', ...LIKE]);

  expect(seen(at('vm'))).toEqual(['711', DAEMON_UID, GAMES_GID]);
  expect(seen(at('vm/disk'))).toEqual(['640', DAEMON_UID, GAMES_GID]);
});

it.each([
  ['taken from the source', () => run(files.RECEIVE, [at('base'), 'm1', '4'], 'data')],
  [
    'downloaded',
    () => {
      writeFileSync(at('origin'), 'data');
      run(files.DOWNLOAD, [at('base'), 'm1', `file://${at('origin')}`, '4']);
    },
  ],
])('a base image that is %s is for root alone until it is the right one', (_, fetch) => {
  fetch();
  expect(seen(at('base.part-m1'))).toEqual(['600', 0, 0]);

  run(files.ACCEPT, [at('base'), 'm1', SHA256_OF_DATA, ...LIKE]);
  expect(seen(at('base'))).toEqual(['640', DAEMON_UID, GAMES_GID]);
});

it('a flat copy of a chain is for root alone until it is in its place', () => {
  spawnSync('qemu-img', ['create', '-q', '-f', 'qcow2', at('chain'), '1M']);
  run(FLATTEN, [at('chain'), at('flat')]);
  expect(seen(at('flat'))).toEqual(['600', 0, 0]);

  run(ACCEPT_COPY, [at('disk'), 'm1', at('flat'), ...LIKE]);
  expect(seen(at('disk'))).toEqual(['640', DAEMON_UID, GAMES_GID]);
});

it('an owner whom the target does not have is nobody: the file stays with root, with the mode of the original', () => {
  run(files.MAKE_DISK, [
    at('disk'),
    'm1',
    'raw',
    '512',
    '',
    '',
    'no-such-user',
    'no-such-group',
    '0600',
  ]);

  expect(seen(at('disk'))).toEqual(['600', 0, 0]);
});
