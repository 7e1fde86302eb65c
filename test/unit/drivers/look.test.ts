/** Where a path leads, by the real script on real files: also what is not there yet. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lookAt } from '../../../drivers/storage/look.js';
import { realShell } from '../../helpers/real-shell.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-look-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const realOf = async (path: string) => (await lookAt(realShell, [path]))[0]?.real;

it.each([
  ['a link to a folder that is not there yet', 'later'],
  ['a relative one', './later'],
])('%s is followed', async (_what, to) => {
  symlinkSync(to.startsWith('.') ? to : join(folder, to), join(folder, 'link'));

  expect(await realOf(join(folder, 'link/disk'))).toMatch(/\/later\/disk$/);
});

it('a link to a folder that is there is followed, and one to itself has an end', async () => {
  mkdirSync(join(folder, 'now'));
  symlinkSync(join(folder, 'now'), join(folder, 'link'));
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'));

  expect(await realOf(join(folder, 'link/disk'))).toBe(join(folder, 'now/disk'));
  expect(await realOf(join(folder, 'loop/disk'))).toContain('disk');
});
