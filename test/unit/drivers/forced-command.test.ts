/** The one command that the key of a copy may run, through everything that reads it: sshd's options, a login shell, the script. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEND, UNPACK } from '../../../drivers/storage/copy-scripts.js';
import { allowedOnly } from '../../../drivers/storage/scp.js';
import { quote } from '../../../drivers/ssh/quote.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-forced-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As OpenSSH's opt_dequote reads `command="…"`. */
const dequoted = (options: string): string =>
  (/command="((?:\\"|[^"])*)"$/.exec(options)?.[1] ?? '').replaceAll('\\"', '"');

const NAMES = [
  `a';touch PWN;'`,
  `O'Brien`,
  'a\\b',
  'say "hi", = & $(touch PWN) `touch PWN`',
  'x;y|z',
  '-dash',
  '\\"',
];

it.each(NAMES)(
  'unpacks into a folder that is called %s, and runs nothing that its name says',
  (name) => {
    const target = join(folder, name);
    mkdirSync(target);
    writeFileSync(join(folder, 'disk'), 'data');
    const line = quote(['sh', '-c', UNPACK.text, 'sh', Buffer.from(target).toString('hex')]);
    const tar = spawnSync('tar', ['-C', folder, '-cf', '-', 'disk']).stdout;

    const { status, stderr } = spawnSync('sh', ['-c', dequoted(allowedOnly(line))], {
      cwd: folder,
      input: tar,
      encoding: 'utf8',
    });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(target)).toEqual(['disk']);
    expect(existsSync(join(folder, 'PWN'))).toBe(false);
  },
);

it.each(NAMES)('sends a file that is called %s as it is called', (name) => {
  const [source, work, target] = ['source', 'work', 'target'].map((each) => join(folder, each)) as [
    string,
    string,
    string,
  ];
  for (const each of [source, work, target]) mkdirSync(each);
  writeFileSync(join(source, name), 'data');
  // Instead of ssh: what arrives is unpacked beside.
  const script = SEND.text.replace(/ssh -i [\s\S]*? >&2/, `tar -xSf - -C '${target}'`);

  const { status, stderr } = spawnSync(
    'sh',
    ['-c', script, 'sh', work, join(source, name), 'u@h', '22', '0'],
    { encoding: 'utf8' },
  );

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(readdirSync(target)).toEqual([name]);
});
