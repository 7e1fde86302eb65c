/** Where a path leads, by the real script on real files: also what is not there yet. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSurroundings } from '../../../drivers/hosts/surroundings.js';
import { lookAt, ownArgs } from '../../../drivers/storage/look.js';
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

/** As setfattr does; the number is that of x86_64, like the machine's that tests run on. */
const give = (path: string, name: string, value: string) =>
  spawnSync('perl', [
    '-e',
    'exit(syscall(188, $ARGV[0], $ARGV[1], $ARGV[2], length $ARGV[2], 0))',
    path,
    name,
    value,
  ]);
it('what a file has beside owner and mode is told, and what its host sets itself is not', async () => {
  const [plain, more] = [join(folder, 'plain'), join(folder, 'more')];
  for (const file of [plain, more]) writeFileSync(file, '');
  give(more, 'user.owner', 'somebody');
  give(plain, 'trusted.libvirt.security.dac', '+0:+0');

  const [first, second] = await lookAt(realShell, [plain, more]);

  expect([first?.extras, second?.extras]).toEqual([[], ['user.owner']]);
});

it('who may read and write a file goes along, and that it runs as its owner does not (S12)', () => {
  const of = (mode: string, user = 'svc@corp.example') => ownArgs({ user, group: 'kvm', mode });

  expect(of('0600')).toEqual(['svc@corp.example', 'kvm', '0600']);
  expect(of('4755')).toEqual(['svc@corp.example', 'kvm', '0755']);
  expect(of('0')).toEqual(['svc@corp.example', 'kvm', '0000']);
  for (const lie of ['-R', '--reference=/etc/shadow', 'u+s', ''])
    expect(() => of(lie)).toThrow(/is no owner and mode of a file/);
  for (const user of ['-R', '--from=root', 'a:b', '', '\x1b[2J'])
    expect(() => of('0600', user)).toThrow(/is no owner and mode of a file/);
});

it('an address of a host that lies is no rule of another’s (S3)', () => {
  const lie = '1.1.1.1\\taccept;};};\\nflush\\truleset;/24';
  const text = `address 10.77.0.12/24\naddress ${lie}\naddress fd77::12/64\n`;

  expect(readSurroundings(text).addresses.map(({ address }) => address)).toEqual([
    '10.77.0.12',
    'fd77::12',
  ]);
});
