/** A volume of Ceph's that somebody has open: no guest is started over it, wherever that somebody is. */
import { hostOf } from '../../drivers/fake/world.js';
import { Audited } from '../../model/audit.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

const H1 = HostName.parse('h1');
const H2 = HostName.parse('h2');
const STRANGER = '10.77.0.99';

let site: FakeSite;
beforeEach(async () => {
  site = await buildSite(['volume']);
  const [guest] = hostOf(site.world, H1).guests.values();
  if (!guest) throw new Error('h1 has no guest');
  const asRbd = (xml: string) => xml.replace("protocol='iscsi'", "protocol='rbd'");
  Object.assign(guest, { xml: asRbd(guest.xml), definition: asRbd(guest.definition) });
});
const stateOn = (host: HostName) => [...hostOf(site.world, host).guests.values()][0]?.state;

it('a guest whose volume nobody else has open is moved', async () => {
  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
});

it('a guest is not started on the target, and on the source only when the volume is free again', async () => {
  site.world.watchers.add(STRANGER);
  let asked = 0;

  const { outcome } = await migrateCold(site, {
    answer: () => {
      asked++;
      expect([stateOn(H1), stateOn(H2)]).not.toContain('running');
      site.world.watchers.clear();
      return 'retry';
    },
  });

  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'VOLUME_IN_USE' } });
  expect(asked).toBe(1);
  expect([stateOn(H1), stateOn(H2)]).toEqual(['running', undefined]);
  expect(site.world.splitBrains).toEqual([]);
});

it('a person who has to find a lost guest hears who writes to its volume', async () => {
  site.world.transfer = 'loses the guest';
  site.world.watchers.add(STRANGER);
  const heard: string[] = [];

  await migrate(site, {
    answer: ({ message }) => {
      heard.push(message);
      site.world.watchers.clear();
      return heard.length < 2 ? 'retry' : 'rollback';
    },
  });

  expect(heard).toEqual([
    expect.stringMatching(/is alive on neither host.*; rbd:\S+ is open by 10\.77\.0\.99$/),
    expect.stringMatching(/is alive on neither host.*; nobody has rbd:\S+ open$/),
  ]);
});

describe('the audit', () => {
  const audited = async () =>
    Audited.parse(
      await codeNamed('fleet.audit', site.deps).run({ isRepairing: false }, contextOn()),
    ).findings.filter(({ kind }) => kind === 'volume');

  it('names a volume that two have open, and that of a guest that is off which somebody has', async () => {
    await codeNamed('host.discover', site.deps).run({ host: H1 }, contextOn());
    expect(await audited()).toEqual([]);

    site.world.watchers.add(STRANGER);
    expect(await audited()).toMatchObject([
      {
        host: 'h1',
        what: expect.stringMatching(
          /^vda of vm1, which runs here: rbd:\S+ is open by h1, 10/,
        ) as string,
        hint: expect.stringMatching(/rbd status .* two writers destroy a file system/) as string,
      },
    ]);

    for (const guest of hostOf(site.world, H1).guests.values()) guest.state = 'shutoff';
    expect(await audited()).toMatchObject([
      { what: expect.stringMatching(/which is off: rbd:\S+ is open by 10\.77\.0\.99$/) as string },
    ]);
  });
});
