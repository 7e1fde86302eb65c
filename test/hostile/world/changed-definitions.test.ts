/** A source that tells one definition while it is asked, and another while it is moved (S6). */
import { hostOf } from '../../../drivers/fake/world.js';
import { HostName } from '../../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../../helpers/fake-migration.js';

const H1 = HostName.parse('h1');

/** Whatever the checks have seen, the definition is another from then on. */
const change = (site: FakeSite, edit: (xml: string) => string): void => {
  for (const guest of hostOf(site.world, H1).guests.values()) {
    guest.xml = edit(guest.xml);
    guest.definition = edit(guest.definition);
  }
};

const ARGUMENT = `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-drive'/><qemu:arg value='file=/root/secret,format=raw,if=none'/></qemu:commandline>`;
const SERIAL = `<serial type='file'><source path='/srv/victim/disk.raw'/><target port='0'/></serial>`;
const DISK = `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/srv/victim/disk.raw'/><target dev='vdz' bus='virtio'/></disk>`;
const within = (end: string, more: string) => (xml: string) => xml.replace(end, `${more}${end}`);

describe.each([
  { way: 'live', move: migrate },
  { way: 'cold', move: migrateCold },
])('moved $way', ({ move }) => {
  it.each<[string, (xml: string) => string, RegExp]>([
    ['arguments past libvirt', within('</domain>', ARGUMENT), /qemu:commandline/],
    ['a console into a neighbour’s disk', within('</devices>', SERIAL), /serial/],
    ['a neighbour’s disk', within('</devices>', DISK), /disk vdz/],
    [
      'another bridge',
      (xml) => xml.replaceAll(/bridge=(['"])br0\1/g, 'bridge=$1br-secret$1'),
      /interface 52:54/,
    ],
  ])('a guest that gets %s after the checks does not move', async (_what, edit, says) => {
    const site = await buildSite(['local']);

    const { outcome } = await move(site, {
      onInput: (step) => {
        if (step === 'definition.render') change(site, edit);
      },
    });

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { code: 'DEFINITION_CHANGED', message: expect.stringMatching(says) as string },
    });
    expect(hostOf(site.world, HostName.parse('h2')).guests.size).toBe(0);
  });
});

it('another guest that was defined under the same UUID is not moved for it', async () => {
  const site = await buildSite(['local']);
  for (const guest of hostOf(site.world, H1).guests.values()) guest.name = 'other';

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: {
      code: 'GUEST_MOVED',
      message: 'what h1 has under the UUID of vm1 is called other by now',
    },
  });
});
