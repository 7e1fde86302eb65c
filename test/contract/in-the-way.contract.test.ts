/** What has the guest's paths on the target is called what it is: an empty folder may have been made for this very move. */
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrateCold } from '../helpers/fake-migration.js';

const FOLDER = '/var/lib/libvirt/images/vm1';
const folder = { content: '', isFolder: true };
const file = { content: 'x', isFolder: false };

it.each<[string, [string, { content: string; isFolder: boolean }][], RegExp]>([
  [
    'an empty folder',
    [[FOLDER, folder]],
    /images\/vm1 is there already, an empty folder: remove it \(rmdir \/var\/lib\/libvirt\/images\/vm1\)/,
  ],
  [
    'a folder with something in it',
    [
      [FOLDER, folder],
      [`${FOLDER}/notes`, file],
    ],
    /images\/vm1 is there already, a folder with something in it: find out whose it is/,
  ],
  [
    'a file',
    [
      [FOLDER, folder],
      [`${FOLDER}/disk0`, file],
    ],
    /images\/vm1\/disk0 is there already, a file: find out whose it is/,
  ],
])('%s is called so', async (_what, there, says) => {
  const site = await buildSite(['local']);
  const { files } = hostOf(site.world, HostName.parse('h2'));
  for (const [path, what] of there) files.set(path, what);

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({
    failure: {
      code: 'TARGET_UNSUITABLE',
      message: expect.stringMatching(says) as string,
    },
  });
});
