/** What `drover hosts add` makes of its arguments. */
import { recordOf } from '../../../cli/host-record.js';
import { parseSsh, resolveSsh, type AskSsh } from '../../../cli/ssh-config.js';
import { libvirtAddress } from '../../../model/host-address.js';
import { Host } from '../../../model/host.js';
import { HostName } from '../../../model/ids.js';
import { sudoersFor } from '../../../drivers/ssh/helper.js';

const KVM1 = HostName.parse('kvm1');
const asked = { as: 'test', reason: 'test' };
/** A machine without ssh. */
const noSsh: AskSsh = () => Promise.resolve(undefined);
const loginOf = async (text: string) => (await resolveSsh(parseSsh(text), noSsh)).ssh;
const add = async (ssh: string) => recordOf(KVM1, asked, await loginOf(ssh), undefined);

it.each([
  ['root@kvm1', 'root', 'kvm1', 22, 'qemu+ssh://root@kvm1/system'],
  [
    'john.doe@10.0.0.7:2222',
    'john.doe',
    '10.0.0.7',
    2222,
    'qemu+ssh://john.doe@10.0.0.7:2222/system',
  ],
  [
    'svc@corp.example@kvm1',
    'svc@corp.example',
    'kvm1',
    22,
    'qemu+ssh://svc%40corp.example@kvm1/system',
  ],
  ['root@[fd00::12]:22', 'root', 'fd00::12', 22, 'qemu+ssh://root@[fd00::12]/system'],
  ['root@[fd00::12]', 'root', 'fd00::12', 22, 'qemu+ssh://root@[fd00::12]/system'],
])('reads %s (G42, G43)', async (text, user, address, port, libvirtUri) => {
  const record = await add(text);

  expect(record).toMatchObject({ ssh: { user, address, port }, libvirtUri });
  expect(libvirtAddress(record.libvirtUri).address).toBe(address);
});

it.each(['kvm1', 'root@', '@kvm1', 'ro ot@kvm1', 'root@kvm1:x', 'a;b@kvm1', 'root@$(x)'])(
  'refuses %s',
  async (text) => {
    await expect(add(text)).rejects.toThrow(/--ssh USER@ADDRESS/);
  },
);

it('a login of a domain’s is one name to sudo', () => {
  expect(sudoersFor('svc@corp.example')).toContain('\nsvc\\@corp.example ALL=(root)');
});

describe('a name from ~/.ssh/config (G43)', () => {
  const KEYS = ['~/.ssh/id_rsa', '~/.ssh/id_ed25519'];
  const config =
    (lines: Record<string, string | string[]>): AskSsh =>
    () =>
      Promise.resolve(new Map(Object.entries(lines).map(([word, of]) => [word, [of].flat()])));

  it('is the login that ssh makes of it, which is said', async () => {
    const ask = config({
      hostname: '10.0.0.7',
      user: 'svc@corp.example',
      port: '2222',
      identityfile: KEYS,
    });

    expect(await resolveSsh(parseSsh('kvm1'), ask)).toEqual({
      ssh: { user: 'svc@corp.example', address: '10.0.0.7', port: 2222 },
      remarks: ['by ssh’s configuration, kvm1 is svc@corp.example@10.0.0.7, port 2222'],
    });
  });

  it('what is said comes before it', async () => {
    const ask = config({ hostname: '10.0.0.7', user: 'alice', port: '2222' });

    expect((await resolveSsh(parseSsh('root@kvm1:22'), ask)).ssh).toEqual({
      user: 'root',
      address: '10.0.0.7',
      port: 22,
    });
  });

  it('with a key of its own says how drover gets that', async () => {
    const ask = config({ hostname: 'kvm1', user: 'root', port: '22', identityfile: '/k/kvm' });

    expect((await resolveSsh(parseSsh('root@kvm1'), ask)).remarks).toEqual([
      expect.stringContaining('start drover with DROVER_SSH_KEY=/k/kvm'),
    ]);
  });

  it.each([{ proxyjump: 'bastion' }, { proxycommand: 'bastion' }])(
    'that is reached through another machine is refused, with a way',
    async (jump) => {
      const ask = config({ hostname: '10.0.0.7', user: 'root', port: '22', ...jump });

      await expect(resolveSsh(parseSsh('kvm1'), ask)).rejects.toMatchObject({
        message: 'ssh reaches kvm1 by way of bastion (~/.ssh/config), and drover logs in directly',
        hint: expect.stringContaining('ssh -fNL 2201:10.0.0.7:22 bastion') as string,
      });
    },
  );

  it('that ssh’s configuration does not know is none', async () => {
    await expect(resolveSsh(parseSsh('root'))).rejects.toThrow(/--ssh USER@ADDRESS/);
  });

  it('is asked of ssh itself', async () => {
    expect((await resolveSsh(parseSsh('root@kvm-of-nobody:2222'))).ssh).toEqual({
      user: 'root',
      address: 'kvm-of-nobody',
      port: 2222,
    });
  });
});

describe('of a host that is known', () => {
  const known = Host.parse({
    name: KVM1,
    ssh: { user: 'drover', address: '10.0.0.7', port: 22 },
    libvirtUri: 'qemu+ssh://drover@10.0.0.7/system',
    state: 'draining',
    reservedMemoryBytes: 2 * 1024 ** 3,
    storage: ['/srv/images'],
    maps: ['/a=/b'],
  });

  it('what is not said stays as it was', () => {
    expect(recordOf(KVM1, asked, undefined, known)).toEqual(known);
    expect(recordOf(KVM1, { ...asked, map: ['/c=/d'] }, undefined, known)).toEqual({
      ...known,
      maps: ['/c=/d'],
    });
  });

  it('a URI that follows from the login follows the new one, and another stays', async () => {
    const login = await loginOf('drover@10.0.0.8');
    expect(recordOf(KVM1, asked, login, known).libvirtUri).toBe(
      'qemu+ssh://drover@10.0.0.8/system',
    );
    const own = { ...known, libvirtUri: 'qemu+tls://kvm1/system' };
    expect(recordOf(KVM1, asked, login, own).libvirtUri).toBe('qemu+tls://kvm1/system');
  });

  it('a new one needs its login', () => {
    expect(() => recordOf(KVM1, asked, undefined, undefined)).toThrow(
      /kvm1 is new: --ssh .* is missing/,
    );
  });
});
