/** Metadata that somebody else has written into a definition: it chooses no project and takes no rule away (S19). */
import { hostOf } from '../../../drivers/fake/world.js';
import { HostName, VmUuid } from '../../../model/ids.js';
import { buildSite, migrate, migrateCold } from '../../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../../helpers/memory-engine.js';

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

it('no groups take no rule away: those of the record are applied, and that is said (S19)', async () => {
  const { site } = await rewritten((xml) => xml.replace(/groups='[^']*'/, "groups=''"));

  const enforced = await codeNamed('host.enforceGroups', site.deps).run({ host: H1 }, contextOn());

  expect(enforced).toMatchObject({
    ports: 1,
    passedOver: [expect.stringMatching(/vm1: the record counts, .*none instead of web/) as string],
  });
  const [bound] = hostOf(site.world, H1).bindings.values();
  expect(bound?.port.groups).toEqual(['web']);
});

it('what somebody writes into it during a move is not recorded (S19)', async () => {
  const site = await buildSite(['shared']);
  const rewrite = (step: string) => {
    if (step !== 'inventory.record') return;
    for (const host of site.world.hosts.values())
      for (const guest of host.guests.values()) guest.xml = guest.xml.replace('>lab<', '>victim<');
  };

  const { outcome } = await migrate(site, { onInput: rewrite });

  expect(outcome.kind).toBe('done');
  expect((await site.inventory.vm('vm1')).project).toBe('lab');
});

it('a guest that was forgotten meanwhile is recorded as its target has it', async () => {
  const site = await buildSite(['shared']);
  let left = -1;
  const forget = async (step: string) => {
    if (step !== 'inventory.record') return;
    await site.inventory.forgetOthers(H1, []);
    left = (await site.inventory.vms()).length;
  };

  const { outcome } = await migrate(site, { onInput: (step) => void forget(step) });

  expect(left).toBe(0);
  expect(outcome.kind).toBe('done');
  expect((await site.inventory.vm('vm1')).host).toBe('h2');
});
