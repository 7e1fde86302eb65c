/** Quoting, and whom an ssh connection trusts. */
import type { ClientChannel } from 'ssh2';
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { fingerprintOf, parseKnownHosts, verdictOf } from '../../../drivers/ssh/known-hosts.js';
import { asRoot, type HostShell } from '../../../drivers/interfaces/shell.js';
import { quote } from '../../../drivers/ssh/quote.js';
import { sshShell } from '../../../drivers/ssh/shell.js';
import { Host } from '../../../model/host.js';
import { codeThrownBy } from '../../helpers/thrown.js';

describe('quoting', () => {
  it.each([
    'plain',
    'two words',
    `it's`,
    '$(reboot)',
    '`id`',
    '; rm -rf /',
    'a\nb',
    '*',
    '',
    '"',
    '\\',
    '-n',
    'ünï',
  ])('hands %j to a shell as one argument', (argument) => {
    const shown = execFileSync('sh', ['-c', quote(['printf', '%s|', argument, 'end'])]).toString();
    expect(shown).toBe(`${argument}|end|`);
  });

  it('refuses what no argument can hold', () => {
    expect(codeThrownBy(() => quote(['a\0b']))).toBe('BAD_INPUT');
  });
});

describe('known_hosts', () => {
  const key = randomBytes(51);
  const other = randomBytes(51);
  const line = (names: string, k = key) => `${names} ssh-ed25519 ${k.toString('base64')}`;
  const hashed = (name: string) => {
    const salt = randomBytes(20);
    return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
  };
  const ask = (text: string, address = 'kvm1', port = 22) =>
    verdictOf(parseKnownHosts(text), address, port, key);

  it.each([
    { name: 'a plain name', text: line('kvm1'), is: 'known' },
    { name: 'one of several names', text: line('x,kvm1,10.0.0.1'), is: 'known' },
    { name: 'a hashed name', text: line(hashed('kvm1')), is: 'known' },
    { name: 'a pattern', text: line('kvm*'), is: 'known' },
    { name: 'a pattern that is taken back', text: line('kvm*,!kvm1'), is: 'unknown' },
    { name: 'another host', text: line('kvm2'), is: 'unknown' },
    { name: 'nothing', text: '# comment\n\nbroken', is: 'unknown' },
    { name: 'another key of this host', text: line('kvm1', other), is: 'mismatch' },
    { name: 'both keys', text: `${line('kvm1', other)}\n${line('kvm1')}`, is: 'known' },
    { name: 'a revoked key', text: `@revoked ${line('kvm1')}\n${line('kvm1')}`, is: 'revoked' },
    {
      name: 'a certificate authority only',
      text: `@cert-authority ${line('kvm1')}`,
      is: 'unknown',
    },
  ])('with $name says $is', ({ text, is }) => {
    expect(ask(text)).toBe(is);
  });

  it('tells ports apart', () => {
    expect(ask(line('[kvm1]:2222'), 'kvm1', 2222)).toBe('known');
    expect(ask(line('kvm1'), 'kvm1', 2222)).toBe('unknown');
  });

  it('shows fingerprints as ssh-keygen does', () => {
    expect(fingerprintOf(key)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });
});

describe('a cancelled command', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** A shell whose commands never end, not even when their channels are closed. */
  function deafShell() {
    const closed: string[] = [];
    const host = Host.parse({
      name: 'kvm1',
      ssh: { user: 'root', address: 'kvm1', port: 22 },
      libvirtUri: 'qemu+ssh://root@kvm1/system',
    });
    const channel = () =>
      // What the shell uses of one.
      Object.assign(new EventEmitter(), {
        stderr: new EventEmitter(),
        end: () => null,
        resume: () => null,
        pipe: (to: unknown) => to,
        close: () => closed.push('channel'),
      }) as unknown as ClientChannel;
    return { closed, shell: sshShell(host, { exec: () => Promise.resolve(channel()) }) };
  }
  const endless = asRoot('test', 'sleep 9999');

  type Start = (kvm: HostShell, signal: AbortSignal) => Promise<unknown>;
  const run: Start = (kvm, signal) => kvm.run(endless, [], { signal, timeoutMs: 3_600_000 });
  const pipe: Start = (kvm, signal) => kvm.pipe([endless], kvm, [endless], signal);

  it.each([
    { what: 'command', when: 'while it ran', start: run },
    { what: 'command', when: 'before it began', start: run },
    { what: 'pipe between hosts', when: 'while it ran', start: pipe },
    { what: 'pipe between hosts', when: 'before it began', start: pipe },
  ])('is not waited for when it never ends ($what, cancelled $when)', async ({ when, start }) => {
    const cancel = new AbortController();
    const { closed, shell } = deafShell();
    if (when === 'before it began') cancel.abort();
    const told = expect(start(shell, cancel.signal)).rejects.toMatchObject({
      code: 'HOST_TIMEOUT',
    });

    await jest.advanceTimersByTimeAsync(10);
    cancel.abort();
    await jest.advanceTimersByTimeAsync(10_000);
    await told;
    expect(closed).toContain('channel');
  });
});
