/** A source that sends more than it has said: it does not fill the target’s file system. By the real scripts on real files. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOWNLOAD, EXIT, RECEIVE } from '../../../drivers/storage/scripts.js';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-receiving-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const BYTES = 1_500_000;
const receive = (sent: number) =>
  spawnSync('sh', ['-c', RECEIVE.text, 'sh', at('base'), 'm1', String(BYTES)], {
    input: Buffer.alloc(sent, 'x'),
    encoding: 'utf8',
  });

it('what is as long as it was said to be is taken', () => {
  expect(receive(BYTES).status).toBe(0);
  expect(readFileSync(at('base.part-m1')).length).toBe(BYTES);
});

it.each([BYTES + 1, 20_000_000])('of %d bytes too many nothing stays', (sent) => {
  const { status, stderr } = receive(sent);

  expect(status).toBe(EXIT.tooLong);
  expect(stderr).toContain(`more than ${BYTES} bytes`);
  expect(existsSync(at('base.part-m1'))).toBe(false);
});

it('nor does an image store that goes on sending', () => {
  writeFileSync(at('origin'), 'data');
  truncateSync(at('origin'), 20_000_000);

  const { status } = spawnSync('sh', [
    '-c',
    DOWNLOAD.text,
    'sh',
    at('base'),
    'm1',
    `file://${at('origin')}`,
    String(BYTES),
  ]);

  expect(status).toBe(EXIT.download);
  expect(existsSync(at('base.part-m1'))).toBe(false);
});
