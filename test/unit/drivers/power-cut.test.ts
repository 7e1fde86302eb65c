/** What has its name keeps its content through a power cut: by the real scripts, and by the order in which they tell the disk. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostCommand } from '../../../drivers/interfaces/shell.js';
import { FLATTEN } from '../../../drivers/storage/copy-scripts.js';
import { MAKE_DISK, RENAME } from '../../../drivers/storage/scripts.js';

let folder: string;
const at = (name: string) => join(folder, name);

/** Commands that write down that they were called, and do their work. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-power-'));
  mkdirSync(at('bin'));
  for (const name of ['sync', 'mv', 'qemu-img'])
    writeFileSync(
      at(`bin/${name}`),
      `#!/bin/sh\necho ${name} "$@" >>'${at('calls')}'\nPATH=\${PATH#*:} exec ${name} "$@"\n`,
      { mode: 0o755 },
    );
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns the calls, without the folder and the options */
function callsOf({ text }: HostCommand, args: readonly string[]): string[] {
  const env = { PATH: `${at('bin')}:${process.env['PATH'] ?? ''}` };
  const { status, stderr } = spawnSync('sh', ['-c', text, 'sh', ...args], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`exit code ${String(status)}: ${stderr}`);
  return readFileSync(at('calls'), 'utf8')
    .trim()
    .split('\n')
    .map((call) => call.replaceAll(`${folder}/`, '').replaceAll(folder, '.'));
}

it('an empty disk is on the target’s disk before it has its name, and its name after', () => {
  const like = ['root', 'root', '0600'];
  const calls = callsOf(MAKE_DISK, [at('disk'), 'm1', 'raw', '512', '', '', ...like]);

  expect(calls.slice(1)).toEqual(['sync disk.part-m1', 'mv -T disk.part-m1 disk', 'sync disk .']);
});

it('a flat image is on the source’s disk before the step is over', () => {
  spawnSync('qemu-img', ['create', '-q', '-f', 'qcow2', at('chain'), '1M']);

  expect(callsOf(FLATTEN, [at('chain'), at('flat')]).slice(1)).toEqual(['sync flat .']);
});

it('what is set aside stays so: else the source’s guest would find its disk there again', () => {
  writeFileSync(at('disk'), 'data');

  expect(callsOf(RENAME, [at('disk'), at('aside')])).toEqual(['mv -T disk aside', 'sync . .']);
});
