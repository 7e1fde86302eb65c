/** A guest that nobody has defined. */
import { HostName } from '../../model/ids.js';
import { buildSite, migrateCold } from '../helpers/fake-migration.js';

it('is refused a cold move with all reasons at once, and nothing is changed', async () => {
  const site = await buildSite(['shared']);
  const [guest] = [...(site.world.hosts.get(HostName.parse('h1'))?.guests.values() ?? [])];
  if (!guest) throw new Error('h1 has no guest');
  Object.assign(guest, { isPersistent: false, state: 'paused' });
  guest.xml = guest.xml.replace('</devices>', '<hologram/></devices>');
  const before = await site.picture();

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({ failure: { code: 'DEFINITION_UNSUPPORTED' } });
  const { message } = (outcome as { failure: { message: string } }).failure;
  expect(message).toMatch(/is transient: .*virsh dumpxml --security-info vm1 \| virsh define/);
  expect(message).toContain('the guest is paused');
  expect(message).toContain('devices/hologram');
  expect(await site.picture()).toEqual(before);
});
