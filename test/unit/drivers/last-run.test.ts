/** When a guest last ran on a host, by libvirt’s log of it and by what was rotated: the real script, on logs in a folder of the test’s. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { LAST_RUN } from '../../../drivers/libvirt/scripts.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lastRun = (name = 'vm1'): string => {
  const text = LAST_RUN.text.replace('/var/log/libvirt/qemu', folder);
  return spawnSync('sh', ['-c', text, 'sh', name], { encoding: 'utf8' }).stdout;
};
const put = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);

const START = `2026-11-28 10:16:16.123+0000: starting up libvirt version: 9.0.0, package: 4, qemu version: 7.2.4, kernel: 6.1.0, hostname: h2
LC_ALL=C \\
/usr/bin/qemu-system-x86_64 \\
-name guest=vm1
`;
const END = `2026-11-28T10:40:00.000000Z qemu-system-x86_64: terminating on signal 15 from pid 1 (/usr/sbin/libvirtd)
2026-11-28 10:40:01.456+0000: shutting down, reason=destroyed
`;
const STARTED = '2026-11-28 10:16:16.123+0000\n';
const ENDED = '2026-11-28 10:40:01.456+0000\n';

it.each<[string, Readonly<Record<string, string | Buffer>>, string]>([
  ['its log', { 'vm1.log': START }, STARTED],
  ['the end of it, where the beginning was lost', { 'vm1.log': END }, ENDED],
  ['the latest of several', { 'vm1.log': START + END, 'vm1.log.0': START }, ENDED],
  ['a log that virtlogd has put aside', { 'vm1.log': '', 'vm1.log.0': START }, STARTED],
  ['one that logrotate has', { 'vm1.log.1': START }, STARTED],
  ['one that was packed', { 'vm1.log-20261128.gz': gzipSync(START) }, STARTED],
  ['a log that was emptied under QEMU', { 'vm1.log': `${'\0'.repeat(5000)}${END}` }, ENDED],
])('%s tells', (_what, logs, says) => {
  for (const [name, content] of Object.entries(logs)) put(name, content);

  expect(lastRun()).toBe(says);
});

it.each<[string, Readonly<Record<string, string | Buffer>>]>([
  ['no log', {}],
  ['an empty one', { 'vm1.log': '' }],
  ['what QEMU says of itself', { 'vm1.log': 'qemu: starting up\n2026-11-28 10:16: no\n' }],
  ['the log of another guest', { 'vm1.log.1.log': START, 'vm12.log': START, 'xvm1.log': START }],
  ['one that is not packed as its name says', { 'vm1.log.1.gz': START }],
])('%s tells nothing', (_what, logs) => {
  for (const [name, content] of Object.entries(logs)) put(name, content);

  expect(lastRun()).toBe('');
});

it('a guest whose name is a pattern is only itself', () => {
  put('vm1.log', START);

  expect(lastRun('.*')).toBe('');
});
