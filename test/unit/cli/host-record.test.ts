/** What `drover hosts add` makes of its arguments. */
import { parseSsh, recordOf } from '../../../cli/host-record.js';
import { libvirtAddress } from '../../../model/host-address.js';
import { Host } from '../../../model/host.js';
import { HostName } from '../../../model/ids.js';
import { sudoersFor } from '../../../drivers/ssh/helper.js';

const KVM1 = HostName.parse('kvm1');
const asked = { as: 'test', reason: 'test' };
const add = (ssh: string) => recordOf(KVM1, asked, parseSsh(ssh), undefined);

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
])('reads %s (G42, G43)', (text, user, address, port, libvirtUri) => {
  const record = add(text);

  expect(record).toMatchObject({ ssh: { user, address, port }, libvirtUri });
  expect(libvirtAddress(record.libvirtUri).address).toBe(address);
});

it.each(['kvm1', 'root@', '@kvm1', 'ro ot@kvm1', 'root@kvm1:x', 'a;b@kvm1', 'root@$(x)'])(
  'refuses %s',
  (text) => {
    expect(() => add(text)).toThrow(/--ssh USER@ADDRESS/);
  },
);

it('a login of a domain’s is one name to sudo', () => {
  expect(sudoersFor('svc@corp.example')).toContain('\nsvc\\@corp.example ALL=(root)');
});

describe('of a host that is known', () => {
  const known = Host.parse({
    ...add('drover@10.0.0.7'),
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

  it('a URI that follows from the login follows the new one, and another stays', () => {
    expect(recordOf(KVM1, asked, parseSsh('drover@10.0.0.8'), known).libvirtUri).toBe(
      'qemu+ssh://drover@10.0.0.8/system',
    );
    const own = { ...known, libvirtUri: 'qemu+tls://kvm1/system' };
    expect(recordOf(KVM1, asked, parseSsh('drover@10.0.0.8'), own).libvirtUri).toBe(
      'qemu+tls://kvm1/system',
    );
  });

  it('a new one needs its login', () => {
    expect(() => recordOf(KVM1, asked, undefined, undefined)).toThrow(
      /kvm1 is new: --ssh .* is missing/,
    );
  });
});
