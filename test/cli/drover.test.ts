/** The command `drover` as a person meets it, in a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

jest.setTimeout(60_000);

const DROVER = join(__dirname, '../../bin/drover');
const home = mkdtempSync(join(tmpdir(), 'drover-cli-'));
let address = '';
beforeEach(() => {
  address = process.env['DROVER_TEST_TEMPORAL'] ?? '';
});
afterAll(() => rmSync(home, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const drover = (...args: string[]): Promise<Ended> => droverWith({}, ...args);

function droverWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  const child = spawn(DROVER, args, {
    env: {
      ...process.env,
      DROVER_HOME: home,
      TEMPORAL_ADDRESS: address,
      ...env,
    },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

const COMMANDS = [
  'up',
  'worker',
  'hosts',
  'discover',
  'vms',
  'groups',
  'migrate',
  'watch',
  'abort',
  'list',
  'show',
  'retry',
  'skip',
  'rollback',
  'confirm',
  'revert',
  'holds',
];

it('teaches the usual way, and every command, in its help', async () => {
  const { code, out } = await drover('--help');
  expect(code).toBe(0);
  expect(out).toContain('drover migrate web1 --dry-run');
  for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
});

it('says which environment variable is wrong, and no more than that', async () => {
  const { code, err } = await droverWith({ DROVER_UI_PORT: 'many' }, 'list');

  expect(code).toBe(2);
  expect(err).toContain('DROVER_UI_PORT');
  expect(err).not.toMatch(/\n +at /);
});

it.each(COMMANDS)('%s explains itself', async (command) => {
  const { code, out } = await drover(command, '--help');
  expect(code).toBe(0);
  expect(out).toContain(`Usage: drover ${command}`);
});

it.each([
  { name: 'no such command', args: ['fly'], says: /unknown command 'fly'/ },
  { name: 'no VM', args: ['migrate'], says: /missing required argument 'vm'/ },
  {
    name: 'a VM that is a path',
    args: ['migrate', '../../etc/passwd'],
    says: /vm: a VM is a name without a slash/,
  },
  {
    name: 'a bandwidth in words',
    args: ['migrate', 'web1', '--bandwidth', 'fast'],
    says: /--bandwidth takes a number, not "fast"/,
  },
  {
    name: 'a negative limit',
    args: ['migrate', 'web1', '--bandwidth', '-3'],
    says: /--bandwidth takes 1 to 100000 MiB\/s, not -3/,
  },
  {
    name: 'a host name with a space',
    args: ['hosts', 'add', 'a b', '--ssh', 'root@x'],
    says: /host’s name: a host name has letters/,
  },
  {
    name: 'a login without an address',
    args: ['hosts', 'add', 'kvm1', '--ssh', 'root'],
    says: /--ssh USER@ADDRESS/,
  },
  {
    name: 'a host without a login, which may be known',
    args: ['hosts', 'add', 'kvm1'],
    says: /`drover up` is not running here/,
  },
  {
    name: 'a groups file that is not there',
    args: ['groups', 'apply', '/nowhere'],
    says: /\/nowhere cannot be read/,
  },
  {
    name: 'two decisions at once',
    args: ['migrate', 'web1', '--cold', '--confirm', '--revert-after', '60'],
    says: /only one of --confirm, --confirm-after, --revert-after/,
  },
  {
    name: 'a way of copying that nobody knows',
    args: ['migrate', 'web1', '--cold', '--copy', 'ftp'],
    says: /--copy takes auto, nbd or scp, not ftp/,
  },
  {
    name: 'a decision in the past',
    args: ['migrate', 'web1', '--cold', '--confirm-after', '-5'],
    says: /--confirm-after takes 0 to 2592000 s, not -5/,
  },
  { name: 'no drover up', args: ['vms'], says: /`drover up` is not running here/ },
])('exits 2 with one line that says what is wrong: $name', async ({ args, says }) => {
  const { code, out, err } = await drover(...args);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(says) as string });
  expect(out).toBe('');
});

it('refuses a groups file that lets in a protocol nobody knows', async () => {
  const file = join(home, 'groups.yaml');
  writeFileSync(file, '- name: web\n  ingress: [{protocol: carrier-pigeon}]\n');

  const { code, err } = await drover('groups', 'apply', file);

  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringContaining(
      '0.ingress.0.protocol takes tcp, udp or icmp, not carrier-pigeon',
    ) as string,
  });
});

it('tells errors as JSON on request', async () => {
  const { code, err } = await drover('vms', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(err)).toMatchObject({
    error: { code: 'BAD_CONFIG', hint: expect.stringContaining('drover up') as string },
  });
});

it('says so when no Temporal answers', async () => {
  address = '127.0.0.1:1';

  const { code, err } = await drover('list');

  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringContaining('no Temporal server answers at 127.0.0.1:1') as string,
  });
});

it('says so when there is no such migration', async () => {
  const { code, err } = await drover('show', 'nobody');
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringContaining('no migration of nobody') as string,
  });
});

it('lists no migrations as an empty list', async () => {
  expect(await drover('list', '--json', '--query', 'WorkflowId = "nobody"')).toMatchObject({
    code: 0,
    out: '[]\n',
  });
});

it('says that nothing waits, when nothing does', async () => {
  expect(await drover('holds')).toMatchObject({ code: 0, out: 'Nothing waits for you.\n' });
});
