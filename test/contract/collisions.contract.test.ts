/** Files that are two on the source and would be one on the target: told before anything is copied, under whatever links. */
import { collisionObjections } from '../../activities/storage/collisions.js';
import { fakeDataCentre } from '../../drivers/fake/data-centre.js';
import { hostOf } from '../../drivers/fake/world.js';
import { HostName, HostPath } from '../../model/ids.js';
import { objectionText } from '../../model/objection.js';
import type { DiskPlan } from '../../model/storage.js';
import { disk } from '../helpers/disk-plan.js';
import { buildSite, migrate, migrateCold } from '../helpers/fake-migration.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const to = (path: string) => ({ target: { kind: 'file' as const, path: HostPath.parse(path) } });

async function told(disks: readonly DiskPlan[], links: Record<string, string> = {}) {
  const { world } = await buildSite([]);
  for (const [path, linkTo] of Object.entries(links))
    hostOf(world, H2).files.set(path, { content: '', isFolder: false, linkTo });
  const hosts = fakeDataCentre(world);
  const ends = { source: await hosts.on(H1), target: await hosts.on(H2) };
  return (await collisionObjections(ends, disks)).map(objectionText);
}

it.each<[string, DiskPlan[], Record<string, string>, RegExp]>([
  [
    'by a link of the target’s',
    [disk('vda', '/vms/p/d'), disk('vdb', '/vms/q/d')],
    { '/vms/p': '/vms/q' },
    /disk vdb is to be \/vms\/q\/d on h2, which is \/vms\/p\/d of disk vda there: two files would become one/,
  ],
  [
    'by maps and a link',
    [disk('vda', '/x/d', to('/images/one/d')), disk('vdb', '/y/d', to('/link/one/d'))],
    { '/link': '/images' },
    /disk vdb is to be \/link\/one\/d on h2, which is \/images\/one\/d of disk vda/,
  ],
  [
    'with what lies below another disk',
    [
      disk('vda', '/vms/b/top', to('/images/b/top'), ['/vms/b/base']),
      disk('vdb', '/other/base', to('/vms/b/base')),
    ],
    {},
    /disk vdb is to be \/vms\/b\/base on h2, which is \/vms\/b\/base of disk vda/,
  ],
  [
    'with the firmware’s variables',
    [disk('vda', '/a/x.fd', to('/i/x.fd')), disk('nvram', '/n/x.fd', to('/i/x.fd'))],
    {},
    /disk nvram is to be \/i\/x\.fd/,
  ],
])('%s', async (_what, disks, links, words) => {
  expect(await told(disks, links)).toEqual([expect.stringMatching(words)]);
});

it('two disks over one backing file, and one medium in two drives, are none', async () => {
  const iso = { handling: 'static', isReadOnly: true } as const;
  const disks = [
    disk('vda', '/vms/a', {}, ['/vms/base']),
    disk('vdb', '/vms/b', {}, ['/vms/base']),
    disk('sda', '/iso/x.iso', iso),
    disk('sdb', '/iso/x.iso', iso),
  ];

  expect(await told(disks)).toEqual([]);
});

it.each([
  { way: 'live', move: migrate },
  { way: 'cold', move: migrateCold },
])(
  'a local disk that a map leads beside a shared one is no shared disk: moved $way, a neighbour’s file there is not taken for it',
  async ({ move }) => {
    const site = await buildSite(['shared', 'local']);
    const neighbours = '/srv/shared/vm1/disk1';
    site.world.sharedFiles.set(neighbours, { content: 'a neighbour’s', isFolder: false });
    const before = await site.picture();

    const { outcome } = await move(
      site,
      {},
      { storageMaps: ['/var/lib/libvirt/images/vm1=/srv/shared/vm1'] },
    );

    expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'TARGET_UNSUITABLE' } });
    expect(await site.picture()).toEqual(before);
  },
);
