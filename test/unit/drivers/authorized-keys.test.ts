/** The key of a copy in the login user's authorized_keys, by the real scripts on real files: nobody else's line is ever lost. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALLOW_KEY, FORBID_KEY } from '../../../drivers/storage/key-scripts.js';

const ADMIN = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOperator admin@desk';
const keyOf = (comment: string) => `restrict,command="tar" ssh-ed25519 AAAAC3Copy ${comment}\n`;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drover-keys-'));
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
});
afterEach(() => rmSync(home, { recursive: true }));

const file = () => join(home, '.ssh', 'authorized_keys');
const content = () => readFileSync(file(), 'utf8');
const env = () => ({ ...process.env, HOME: home });
const allow = (comment: string) =>
  spawnSync('sh', ['-c', ALLOW_KEY.text, 'sh'], {
    env: env(),
    input: keyOf(comment),
    encoding: 'utf8',
  });
const forbid = (comment: string) =>
  spawnSync('sh', ['-c', FORBID_KEY.text, 'sh', comment], { env: env(), encoding: 'utf8' });

describe('a file without a last newline (S4)', () => {
  beforeEach(() => writeFileSync(file(), ADMIN));

  it('keeps its last key when another one is added and taken away', () => {
    expect(allow('drover-1-vda').status).toBe(0);
    expect(content()).toBe(`${ADMIN}\n${keyOf('drover-1-vda')}`);

    expect(forbid('drover-1-vda').status).toBe(0);
    expect(content()).toBe(`${ADMIN}\n`);
  });
});

describe('an ordinary file', () => {
  beforeEach(() => {
    writeFileSync(file(), `# people\n${ADMIN}\n`);
    chmodSync(file(), 0o640);
  });

  it('is as it was after a key came and went, mode included', () => {
    allow('drover-1-vda');
    forbid('drover-1-vda');

    expect(content()).toBe(`# people\n${ADMIN}\n`);
    expect(statSync(file()).mode & 0o777).toBe(0o640);
  });

  it('loses no line that only looks alike', () => {
    allow('drover-1-vda');
    allow('drover-1-vdaa');
    forbid('drover-1-vda');

    expect(content()).toBe(`# people\n${ADMIN}\n${keyOf('drover-1-vdaa')}`);
  });

  it('has every key when many copies begin at once, and none when they have ended', async () => {
    const comments = Array.from({ length: 12 }, (_, n) => `drover-${n}-vda`);
    const started = (text: string, args: readonly string[], input: string) =>
      new Promise<number | null>((resolve) => {
        const child = spawn('sh', ['-c', text, 'sh', ...args], { env: env() });
        child.stdin.end(input);
        child.once('close', resolve);
      });

    const added = comments.map((comment) => started(ALLOW_KEY.text, [], keyOf(comment)));
    expect(new Set(await Promise.all(added))).toEqual(new Set([0]));
    expect(content().split('\n').length).toBe(2 + comments.length + 1);
    const removed = comments.map((comment) => started(FORBID_KEY.text, [comment], ''));
    expect(new Set(await Promise.all(removed))).toEqual(new Set([0]));
    expect(content()).toBe(`# people\n${ADMIN}\n`);
  });

  it('that is a link stays one, and what it leads to is changed', () => {
    spawnSync('sh', ['-c', 'mv "$1" "$2" && ln -s "$2" "$1"', 'sh', file(), join(home, 'keys')]);

    allow('drover-1-vda');

    expect(readFileSync(join(home, 'keys'), 'utf8')).toContain('drover-1-vda');
    expect(spawnSync('test', ['-L', file()]).status).toBe(0);
  });
});

it('without a file there is one afterwards, for its owner alone', () => {
  expect(forbid('drover-1-vda').status).toBe(0);
  expect(allow('drover-1-vda').status).toBe(0);

  expect(content()).toBe(keyOf('drover-1-vda'));
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

describe('on a disk that is full (S4)', () => {
  /** Runs a script on a file system of 64 KiB without room, and prints exit code and file. */
  const onFullDisk = (before: string, text: string, args: readonly string[], input: string) => {
    const script = `
      mount -t tmpfs -o size=64k,mode=700 tmpfs "$HOME" && mkdir "$HOME/.ssh" && printf '%s' "$BEFORE" >"$HOME/.ssh/authorized_keys"
      head -c 1M /dev/zero >"$HOME/fill" 2>/dev/null
      sh -c "$TEXT" sh "$@" 2>/dev/null; echo "$?"
      ls "$HOME/.ssh"; cat "$HOME/.ssh/authorized_keys"`;
    const { stdout } = spawnSync('unshare', ['--mount', 'bash', '-c', script, 'bash', ...args], {
      env: { ...env(), BEFORE: before, TEXT: text },
      input,
      encoding: 'utf8',
    });
    const [status, ...rest] = stdout.split('\n');
    return { status, left: rest.join('\n') };
  };

  it('no key is added, that is said, and the file is as it was', () => {
    const { status, left } = onFullDisk(`${ADMIN}\n`, ALLOW_KEY.text, [], keyOf('drover-1-vda'));

    expect({ status, left }).toEqual({ status: '1', left: `authorized_keys\n${ADMIN}\n` });
  });

  it('a key is taken away where it stands, and the others are as they were', () => {
    const before = `${ADMIN}\n${keyOf('drover-1-vda')}# the end\n`;

    const { status, left } = onFullDisk(before, FORBID_KEY.text, ['drover-1-vda'], '');

    const blank = '#'.repeat(keyOf('drover-1-vda').length - 1);
    expect({ status, left }).toEqual({
      status: '0',
      left: `authorized_keys\n${ADMIN}\n${blank}\n# the end\n`,
    });
  });
});
