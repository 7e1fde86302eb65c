/** Another layout on the target: folders, bridges and networks by other names, for one move or as a host's habit. */
import { hostOf, type FakeHost } from '../../drivers/fake/world.js';
import { Host } from '../../model/host.js';
import { HostName } from '../../model/ids.js';
import {
  buildSite,
  migrate,
  migrateCold,
  migrateWarm,
  type FakeSite,
} from '../helpers/fake-migration.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const MAC = '52:54:00:77:00:01';
const IMAGES = '/var/lib/libvirt/images';
const MAPS = { storageMaps: [`${IMAGES}=/fast`], networkMaps: ['br0=br9'] };

let site: FakeSite;
let h2: FakeHost;
/** h2 has other bridges, and its guests' disks elsewhere. */
beforeEach(async () => {
  site = await buildSite(['local']);
  h2 = hostOf(site.world, H2);
  h2.facts = { ...h2.facts, bridges: ['br9'] };
  h2.files.set('/fast', { content: '', isFolder: true });
});
const filesOfGuest = ({ files }: FakeHost): string[] =>
  [...files.keys()].filter((path) => path.includes('vm1'));
/** As an operator registers it. */
async function habit(name: HostName, maps: string[]): Promise<void> {
  const { record } = hostOf(site.world, name);
  await site.inventory.putHost(Host.parse({ ...record, maps }));
}

describe.each([
  { way: 'live', move: migrate },
  { way: 'cold', move: migrateCold },
  { way: 'warm', move: migrateWarm },
])('moved $way', ({ move }) => {
  it('arrives under the target’s names if the request maps them', async () => {
    const { outcome } = await move(site, {}, MAPS);

    expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
    expect(filesOfGuest(h2)).toEqual(expect.arrayContaining(['/fast/vm1/disk0']));
    expect(filesOfGuest(h2).every((path) => path.startsWith('/fast/'))).toBe(true);
    expect(h2.bindings.get(MAC)?.port).toMatchObject({ target: { bridge: 'br9' } });
    expect(filesOfGuest(hostOf(site.world, H1))).toEqual([]);
  });

  it('arrives so without a word, if that is how the host is registered, and goes back by the other’s', async () => {
    await habit(H2, [...MAPS.storageMaps, ...MAPS.networkMaps]);
    await habit(H1, [`/fast=${IMAGES}`, 'br9=br0']);
    const there = await move(site);
    expect(there.outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });

    const back = await move(site, {}, { target: 'h1' });

    expect(back.outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
    expect(filesOfGuest(hostOf(site.world, H1))).toContain(`${IMAGES}/vm1/disk0`);
    expect(filesOfGuest(h2)).toEqual([]);
  });

  it('is refused, with what it has, if a map meets nothing of it', async () => {
    const { outcome } = await move(site, {}, { storageMaps: ['/var/lib/libvirt/imagse=/fast'] });

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        code: 'BAD_INPUT',
        message: 'nothing of vm1 is in /var/lib/libvirt/imagse',
        hint: expect.stringMatching(
          /It has \/var\/lib\/libvirt\/images\/vm1\/disk0, br0/,
        ) as string,
      },
    });
  });
});

it('goes back to where it was when the move is reverted', async () => {
  const start = await site.picture();

  const { outcome } = await migrateCold(site, { decide: 'revert' }, MAPS);

  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'REVERTED' } });
  expect(await site.picture()).toEqual(start);
});

it('snapshots, whose records name the disks, keep them where they are', async () => {
  site = await buildSite(['local', 'snapshot']);
  hostOf(site.world, H2).files.set('/fast', { content: '', isFolder: true });

  const { outcome } = await migrateCold(site, {}, { storageMaps: MAPS.storageMaps });

  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: {
      code: 'STORAGE_UNSUITABLE',
      message: expect.stringMatching(
        /is to be \/fast\/vm1\/.*, and the snapshots .* name it/,
      ) as string,
    },
  });
});
