/** Attempts at a copy into a block device, of which an earlier one may wake late: by the real scripts, on marks in a folder of the test’s. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostCommand } from '../../../drivers/interfaces/shell.js';
import { BEGIN_COPY, END_COPY, REFUSED } from '../../../drivers/storage/taken-scripts.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-marks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const PATH = '/dev/vg0/disk';
const mark = () => join(folder, 'device-253-7');
const taken = (state: string) =>
  writeFileSync(mark(), `m1\nvda\n${state}\nboot\n253:7 1 8\n${PATH}\n`);
const state = () => readFileSync(mark(), 'utf8').split('\n')[2];
const run = ({ text }: HostCommand, attempt: string) =>
  spawnSync('sh', ['-c', text.replace('/var/lib/drover', folder), 'sh', 'm1', PATH, attempt])
    .status;

it('an attempt that wakes when the next one writes does not say that its copy has arrived', () => {
  taken('empty');
  expect(run(BEGIN_COPY, 'first')).toBe(0);
  expect(run(BEGIN_COPY, 'second')).toBe(0);

  expect(run(END_COPY, 'first')).toBe(REFUSED);
  expect(state()).toBe('writing');

  expect(run(END_COPY, 'second')).toBe(0);
  expect(state()).toBe('arrived');
});

it.each(['arrived', 'last', 'read'])('nothing is written into a device that is %s', (then) => {
  taken(then);

  expect(run(BEGIN_COPY, 'late')).toBe(REFUSED);
  expect(state()).toBe(then);
});
