/** Logins whose shells greet, or read quotes in their own way (G44): what drover hears is its command's output and nothing else. */
import { execFileSync } from 'node:child_process';
import { asRoot } from '../../../drivers/interfaces/shell.js';
import { framedArgv, notBegun, unframing } from '../../../drivers/ssh/framing.js';
import { quote } from '../../../drivers/ssh/quote.js';
import { Host } from '../../../model/host.js';

const TWO_LINES = asRoot('test', `printf '%s\\n' "$1"\nprintf '%s' 'it\\0s "$2" !'`);

/** What is heard of a command line in a shell that prints something first. */
function heard(shell: readonly string[], line: string, noise = ''): string | undefined {
  const [file = '', ...args] = shell;
  const stdout = execFileSync(file, [...args, `${noise}${line}`]);
  const frame = unframing();
  // As it may come: in pieces.
  const own = [...stdout].map((byte) => frame.own(Buffer.from([byte])).toString('latin1')).join('');
  return frame.noise() === undefined ? Buffer.from(own, 'latin1').toString() : undefined;
}

it.each([['sh'], ['bash'], ['busybox', 'sh']])(
  '%s %s hands over the command as it is',
  (...shell) => {
    const line = quote(framedArgv('root', TWO_LINES, ["a 'b' $(id) \\ ü", 'second']));

    for (const noise of ['', 'echo "Welcome to kvm1!"; echo 1 2 3; ', 'printf no-newline; '])
      expect(heard([...shell, '-c'], line, noise)?.replace(/^no-newline/, '')).toBe(
        `a 'b' $(id) \\ ü\nit\\0s "$2" !`,
      );
  },
);

it('a greeting without an end of line before the command leaves the command’s output alone', () => {
  const frame = unframing();

  expect(frame.own(Buffer.from('hi> drover begins here\nanswer')).toString()).toBe('answer');
});

it('a login user asks the helper by the command’s name', () => {
  expect(framedArgv('drover', TWO_LINES, ['x']).slice(-3)).toEqual([
    expect.stringMatching(/drover-host-[0-9a-f]{12}$/),
    'test',
    'x',
  ]);
});

it('a shell that ends before the command is named with what it said', () => {
  const host = Host.parse({
    name: 'kvm1',
    ssh: { user: 'root', address: 'kvm1', port: 22 },
    libvirtUri: 'qemu+ssh://root@kvm1/system',
  });

  expect(heard(['sh', '-c'], '', 'echo This account is not available.')).toBeUndefined();
  expect(notBegun(host, 'This account is not available.\n').message).toBe(
    'the login of root on kvm1 runs no command: it says "This account is not available."',
  );
});
