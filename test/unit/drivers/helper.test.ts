/** What a login user other than root may do on a host: the helper with all of drover's commands, and its sudoers lines. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { HOST_COMMANDS } from '../../../drivers/hosts/commands.js';
import { HELPER, HELPER_PATH, prepareScript, sudoersFor } from '../../../drivers/ssh/helper.js';

const helper = (...args: string[]) =>
  spawnSync('sh', ['-c', HELPER, 'drover-host', ...args], { encoding: 'utf8' });

describe('the commands of drover', () => {
  it('have one name each', () => {
    const names = HOST_COMMANDS.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    expect(names.length).toBeGreaterThan(30);
  });

  it('are all that any module declares', () => {
    const declared = readdirSync('drivers', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [
          ...readFileSync(`drivers/${file}`, 'utf8').matchAll(/as(?:Root|Login)\(\s*'([^']+)'/g),
        ].map(([, name]) => name),
      );
    expect(declared.sort()).toEqual(HOST_COMMANDS.map(({ name }) => name).sort());
  });

  it.each(HOST_COMMANDS)('$name is a script that a shell can read', ({ text }) => {
    expect(() => execFileSync('sh', ['-n', '-c', text])).not.toThrow();
  });
});

describe('the helper', () => {
  it.each([
    ['a program in a URI', 'guest.reachLibvirt', 'qemu+ssh://x@kvm2/system?command=/bin/true'],
    ['a hypervisor of the host’s own', 'guest.reachLibvirt', 'qemu:///system'],
    ['a folder that is no copy’s', 'copy.keepSecret', '/tmp/drover-no-copy', 'keys.psk'],
    ['a file elsewhere', 'copy.keepSecret', '/run/drover-copy-x', '../drover-no-key'],
    ['a definition elsewhere', 'guest.putRendered', 'x/../../../../tmp', 'drover-no-definition'],
    ['the same by its name', 'guest.getRendered', 'x', '../../../etc/passwd'],
  ])('refuses %s', (_what, ...args) => {
    const { status, stderr, stdout } = helper(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^no (?:URI of another host|folder of a copy|name of a definition)$/m);
  });

  it('runs a command by its name, and hands it its arguments as they are', () => {
    const strange = ['/etc/passwd', '$(touch /tmp/x)', '; id', '/nowhere', '*'];
    expect(helper('files.existing', ...strange).stdout).toBe('/etc/passwd\n');
  });

  it.each([[[]], [['sh']], [['files.existing; id']], [['*']], [['copy.allowKey']]])(
    'runs nothing else: %j',
    (args) => {
      const { status, stdout } = helper(...args);
      expect(stdout).toBe('');
      expect(status).toBeGreaterThan(0);
    },
  );
});

it('sudo runs the helper for the login user only with the content that it has', () => {
  const sha256 = createHash('sha256').update(HELPER).digest('hex');
  expect(sudoersFor('drover')).toContain(`sha256:${sha256} ${HELPER_PATH}\n`);
  expect(sudoersFor('drover')).toMatch(/^drover ALL=\(root\) NOPASSWD: DROVER_HOST_[0-9A-F]{12}$/m);
});

it('the script that prepares a host says what is missing there', () => {
  const { status, stderr } = spawnSync('sh', ['-c', prepareScript('nobody-of-that-name')], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('useradd -m nobody-of-that-name');
});
