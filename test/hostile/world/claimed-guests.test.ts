/** A host that says it runs another host's guest does not get its record, nor the project that it names (S18). */
import { hostOf, type FakeGuest } from '../../../drivers/fake/world.js';
import { CodedError } from '../../../model/errors.js';
import { HostName, VmUuid } from '../../../model/ids.js';
import { buildSite, type FakeSite } from '../../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../../helpers/memory-engine.js';

const [H1, H3] = ['h1', 'h3'].map((name) => HostName.parse(name)) as [HostName, HostName];
const VM = VmUuid.parse('77000000-0000-4000-8000-000000000001');

/** h3 claims vm1 of h1, for a project of its choosing. */
async function claimed(): Promise<{ site: FakeSite; owner: FakeGuest }> {
  const site = await buildSite(['shared']);
  const owner = hostOf(site.world, H1).guests.get(VM);
  if (!owner) throw new Error('h1 has no vm1');
  const forged = owner.xml.replace('<drover:project>lab<', '<drover:project>theirs<');
  hostOf(site.world, H3).guests.set(VM, { ...owner, xml: forged, definition: forged });
  return { site, owner };
}

const discover = async (site: FakeSite, host: HostName) =>
  (await codeNamed('host.discover', site.deps).run({ host }, contextOn())) as {
    passedOver: string[];
  };

it('while it runs on its own host, the record stays, and both are named', async () => {
  const { site } = await claimed();

  const { passedOver } = await discover(site, H3);

  expect(passedOver).toEqual([expect.stringMatching(/^vm1: runs here and on h1 at once/)]);
  expect(await site.inventory.vm('vm1')).toMatchObject({ host: 'h1', project: 'lab' });
});

it('after it has really moved, the record follows', async () => {
  const { site, owner } = await claimed();
  owner.state = 'shutoff';

  expect((await discover(site, H3)).passedOver).toEqual([]);

  expect(await site.inventory.vm('vm1')).toMatchObject({ host: 'h3' });
});

it('while its own host does not answer, the record stays', async () => {
  const { site } = await claimed();
  const { dataCentre } = site.deps;
  const away = Object.assign(site.deps, {
    dataCentre: {
      ...dataCentre,
      on: (name: HostName) =>
        name === H1
          ? Promise.reject(new CodedError('HOST_UNREACHABLE', 'h1 is away'))
          : dataCentre.on(name),
    },
  });

  const { passedOver } = (await codeNamed('host.discover', away).run(
    { host: H3 },
    contextOn(),
  )) as {
    passedOver: string[];
  };

  expect(passedOver).toEqual([
    expect.stringMatching(/^vm1: runs here, and h1, .* does not answer/),
  ]);
  expect(await site.inventory.vm('vm1')).toMatchObject({ host: 'h1' });
});
