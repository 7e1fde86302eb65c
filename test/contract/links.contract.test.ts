/** A disk under a link to shared storage: the content stays where it is, and so do the links of both hosts (G12). */
import { hostOf, type FakeFile } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const HOSTS = ['h1', 'h2'].map((name) => HostName.parse(name));
const LINK = '/var/lib/libvirt/images/vm1/disk.qcow2';

/** vm1's shared disk under a link in a folder of its own on both hosts. */
async function linked(): Promise<FakeSite> {
  const site = await buildSite(['shared']);
  const [guest] = hostOf(site.world, HOSTS[0] as HostName).guests.values();
  const disk = /source file='([^']*)'/.exec(guest?.xml ?? '')?.[1] ?? '';
  if (!guest) throw new Error('h1 has no guest');
  guest.xml = guest.xml.replace(disk, LINK);
  guest.definition = guest.definition.replace(disk, LINK);
  for (const name of HOSTS) {
    const { files } = hostOf(site.world, name);
    files.set('/var/lib/libvirt/images/vm1', { content: '', isFolder: true });
    files.set(LINK, { content: '', isFolder: false, linkTo: disk });
  }
  return site;
}

const filesOn = (site: FakeSite, host: HostName): Map<string, FakeFile> =>
  new Map([...hostOf(site.world, host).files].sort());

it.each(['confirm', 'revert'] as const)('stays as it is on both hosts (%s)', async (decide) => {
  const site = await linked();
  const before = HOSTS.map((host) => filesOn(site, host));

  const { outcome } = await migrateCold(site, { decide });

  expect(outcome).toMatchObject({ kind: decide === 'confirm' ? 'done' : 'unwound' });
  expect(HOSTS.map((host) => filesOn(site, host))).toEqual(before);
});
