/** A name that leaves no room for what drover puts beside it is refused before the guest is touched. */
import { replaceIn } from '../../drivers/fake/overlays.js';
import { filesOf, hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import {
  buildSite,
  endsOfMove,
  migrate,
  migrateCold,
  migrateWarm,
  type FakeSite,
} from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

const H1 = HostName.parse('h1');
const LOCAL = '/var/lib/libvirt/images/vm1/disk0';
const SHARED = '/srv/shared/vm1/disk0';

/** The disk has another path: `mv`, `virsh edit` and `drover discover`. */
async function rename(site: FakeSite, from: string, to: string): Promise<void> {
  const { guest } = await endsOfMove(site.world);
  const host = hostOf(site.world, H1);
  const files = filesOf(site.world, host, from);
  const folder = to.slice(0, to.lastIndexOf('/'));
  if (!files.has(folder))
    files.set(folder, { content: '', isFolder: true, owned: 'root:root:0711' });
  for (const [path, file] of [...files]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    files.delete(path);
    files.set(`${to}${path.slice(from.length)}`, file);
    replaceIn(guest, path, `${to}${path.slice(from.length)}`);
  }
  await codeNamed('host.discover', site.deps).run({ host: H1 }, contextOn());
}

const MOVES = { live: migrate, cold: migrateCold, warm: migrateWarm } as const;

// The ids of migrations have 11 bytes here, and 36 else.
it.each([
  { way: 'live', disk: 'local', from: LOCAL, bytes: 232, most: 231, on: 'h2' },
  { way: 'cold', disk: 'local', from: LOCAL, bytes: 232, most: 231, on: 'h2' },
  { way: 'warm', disk: 'local', from: LOCAL, bytes: 216, most: 214, on: 'h2' },
  { way: 'cold', disk: 'shared', from: SHARED, bytes: 250, most: 248, on: 'h1' },
] as const)(
  'a $disk disk with a name of $bytes bytes is refused for a $way move, with how long it may be',
  async ({ way, disk, from, bytes, most, on }) => {
    const site = await buildSite([disk]);
    // Bytes count, not letters.
    const name = 'ä'.repeat(bytes / 2);
    await rename(site, from, `${from.slice(0, from.lastIndexOf('/'))}_of/${name}`);
    const before = await site.picture();

    const { outcome } = await MOVES[way](site);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        code: 'STORAGE_UNSUITABLE',
        message: expect.stringMatching(
          new RegExp(
            `beside it on ${on}.* has ${bytes} bytes: give it a name of at most ${most} bytes`,
          ),
        ) as string,
      },
    });
    expect(await site.picture()).toEqual(before);
  },
);

it.each([
  { way: 'live', disk: 'local', from: LOCAL, bytes: 231 },
  { way: 'cold', disk: 'local', from: LOCAL, bytes: 231 },
  { way: 'warm', disk: 'local', from: LOCAL, bytes: 214 },
  { way: 'cold', disk: 'shared', from: SHARED, bytes: 248 },
  { way: 'live', disk: 'shared', from: SHARED, bytes: 255 },
] as const)(
  'a $disk disk with a name of $bytes bytes moves $way',
  async ({ way, disk, from, bytes }) => {
    const site = await buildSite([disk]);
    await rename(site, from, `${from.slice(0, from.lastIndexOf('/'))}_of/${'x'.repeat(bytes)}`);

    const { outcome } = await MOVES[way](site);

    expect(outcome).toMatchObject({ kind: 'done' });
  },
);

it('a folder of the guest’s own that cannot be set aside is refused', async () => {
  const site = await buildSite(['local']);
  const { guest } = await endsOfMove(site.world);
  const name = 'v'.repeat(250);
  Object.assign(guest, {
    name,
    xml: guest.xml.replace('<name>vm1<', `<name>${name}<`),
    definition: guest.definition.replace('<name>vm1<', `<name>${name}<`),
  });
  await rename(site, '/var/lib/libvirt/images/vm1', `/var/lib/libvirt/images/${name}`);

  const { outcome } = await migrateCold(site, {}, { vm: name });

  expect(outcome).toMatchObject({
    failure: { message: expect.stringContaining('has 250 bytes') as string },
  });
});
