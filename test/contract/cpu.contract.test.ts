/** A guest that runs with its host's CPU has all that the host gives; the target is asked for that, by name. */
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];

async function withHostsCpu(mode: string): Promise<FakeSite> {
  const site = await buildSite(['shared']);
  const [guest] = hostOf(site.world, H1).guests.values();
  if (!guest) throw new Error('h1 has no guest');
  const asHosts = (xml: string) => xml.replace(/<cpu .*<\/cpu>/, `<cpu mode='${mode}'/>`);
  guest.xml = asHosts(guest.xml);
  guest.definition = asHosts(guest.definition);
  return site;
}

describe.each(['host-passthrough', 'maximum'])('%s', (mode) => {
  it('moves live to a host that gives the same', async () => {
    const { outcome } = await migrate(await withHostsCpu(mode));

    expect(outcome).toMatchObject({ kind: 'done' });
  });

  it('stays where the target lacks a feature, which is named; cold it takes what is there', async () => {
    const site = await withHostsCpu(mode);
    hostOf(site.world, H2).lacksCpuFeatures.add('avx2');

    const { outcome } = await migrate(site);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        message: expect.stringContaining("lacks what the guest's CPU has: avx2") as string,
      },
    });
    expect((await migrateCold(site)).outcome).toMatchObject({ kind: 'done' });
  });

  it('stays where the source does not say what it gives', async () => {
    const site = await withHostsCpu(mode);
    hostOf(site.world, H1).givenCpu = undefined;

    const { outcome } = await migrate(site);

    expect(outcome).toMatchObject({
      failure: { message: expect.stringContaining('cannot be told') as string },
    });
  });
});
