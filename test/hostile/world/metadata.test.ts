/** Metadata that somebody else has written into a definition: it chooses no project and takes no rule away (S19). */
import { hostOf } from '../../../drivers/fake/world.js';
import { HostName, VmUuid } from '../../../model/ids.js';
import { buildSite, migrate, migrateCold } from '../../helpers/fake-migration.js';

const H1 = HostName.parse('h1');

async function rewritten(change: (xml: string) => string) {
  const site = await buildSite(['shared']);
  const [[uuid, guest] = []] = [...hostOf(site.world, H1).guests];
  if (!uuid || !guest) throw new Error('h1 has no guest');
  const before = guest.xml;
  guest.xml = change(guest.xml);
  guest.definition = change(guest.definition);
  expect(guest.xml).not.toBe(before);
  return { site, uuid: VmUuid.parse(uuid) };
}

it.each<[string, (xml: string) => string, RegExp]>([
  ['project', (xml) => xml.replace('>lab<', '>victim<'), /says project victim instead of/],
  ['groups', (xml) => xml.replace(/groups='[^']*'/, ''), /says groups of .* none instead of web/],
  [
    'address',
    (xml) => xml.replace(/ip='[^']*'/, "ip='10.77.0.99'"),
    /says address of .* 10\.77\.0\.99 instead of/,
  ],
])('another %s keeps the guest where it is (S19)', async (_what, change, says) => {
  const { site } = await rewritten(change);
  const before = await site.picture();

  for (const move of [migrate, migrateCold]) {
    const { outcome } = await move(site);
    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { code: 'DEFINITION_UNSUPPORTED', message: expect.stringMatching(says) as string },
    });
  }
  expect(await site.picture()).toEqual(before);
});
