/** Encrypted disks: their keys are libvirt's, on each host by itself (G33, G20). */
import { hostOf, type FakeSecret } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, migrateWarm } from '../helpers/fake-migration.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const UUID = '77000000-0000-4000-8000-00000000c0de';
const ELEMENT = `<encryption format='luks'><secret type='passphrase' uuid='${UUID}'/></encryption>`;
const secret = (value?: string, isPrivate = 'no'): FakeSecret => {
  const xml = `<secret ephemeral='no' private='${isPrivate}'><uuid>${UUID}</uuid><usage type='volume'><volume>/x</volume></usage></secret>`;
  return value === undefined ? { xml } : { xml, value };
};

/** vm1's disk is encrypted, and these are the hosts' secrets. */
async function siteWithKey(
  disk: 'shared' | 'local',
  here: FakeSecret | undefined,
  there: FakeSecret | undefined,
) {
  const site = await buildSite([disk]);
  for (const [name, found] of [
    [H1, here],
    [H2, there],
  ] as const)
    if (found) hostOf(site.world, name).secrets.set(UUID, found);
  for (const guest of hostOf(site.world, H1).guests.values()) {
    guest.xml = guest.xml.replace('</disk>', `${ELEMENT}</disk>`);
    guest.definition = guest.definition.replace('</disk>', `${ELEMENT}</disk>`);
  }
  const secretThere = () => hostOf(site.world, H2).secrets.get(UUID);
  return { site, secretThere };
}

const REFUSED: [string, FakeSecret | undefined, FakeSecret | undefined, boolean, RegExp][] = [
  [
    'lacks it',
    secret('a2V5'),
    undefined,
    false,
    /it lacks the secret .*c0de \(disk vda\): --carry-secrets/,
  ],
  ['has no value for it', secret('a2V5'), secret(), true, /c0de \(disk vda\) has no value there/],
  ['has another value', secret('a2V5'), secret('b2k='), true, /another value there than on h1/],
  ['lacks it, and the source too', undefined, undefined, true, /is not on h1 either/],
  ['lacks it, and the source’s is empty', secret(), undefined, true, /has no value on h1 either/],
  [
    'lacks it, and it is private',
    secret('a2V5', 'yes'),
    undefined,
    true,
    /gives to its guests only/,
  ],
];

it.each(REFUSED)(
  'a target that %s is refused beforehand',
  async (_what, here, there, carry, why) => {
    const { site } = await siteWithKey('shared', here, there);
    const before = await site.picture();

    for (const move of [migrate, migrateCold]) {
      const { outcome } = await move(site, {}, { isCarryingSecrets: carry });
      expect(outcome).toMatchObject({
        kind: 'unwound',
        failure: { code: 'TARGET_UNSUITABLE', message: expect.stringMatching(why) as string },
      });
    }
    expect(await site.picture()).toEqual(before);
  },
);

it.each([
  ['live', migrate, 'shared'],
  ['cold', migrateCold, 'local'],
] as const)('a key comes along %s if that is asked for, and stays', async (_how, move, disk) => {
  const { site, secretThere } = await siteWithKey(disk, secret('a2V5'), undefined);

  const { outcome } = await move(site, {}, { isCarryingSecrets: true });

  expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
  expect(secretThere()).toEqual({
    xml: expect.not.stringContaining('drover') as string,
    value: 'a2V5',
  });
  expect(hostOf(site.world, H1).secrets.get(UUID)).toEqual(secret('a2V5'));
});

it.each([
  ['that it has brought goes', undefined, undefined],
  ['that was there stays', secret('a2V5'), secret('a2V5')],
])('after a revert a key %s', async (_what, there, after) => {
  const { site, secretThere } = await siteWithKey('local', secret('a2V5'), there);

  const { outcome } = await migrateCold(site, { decide: 'revert' }, { isCarryingSecrets: true });

  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'REVERTED' }, leftovers: [] });
  expect(secretThere()).toEqual(after);
});

it('a volume with a password moves live with it, and its target reads it before the guest goes (G33)', async () => {
  const site = await buildSite(['volume']);
  const auth = `<auth username='u'><secret type='iscsi' uuid='${UUID}'/></auth></source>`;
  for (const guest of hostOf(site.world, H1).guests.values()) {
    guest.xml = guest.xml.replace('</source>', auth);
    guest.definition = guest.definition.replace('</source>', auth);
  }
  const key = { ...secret('a2V5'), xml: secret().xml.replace("type='volume'", "type='iscsi'") };
  hostOf(site.world, H1).secrets.set(UUID, key);

  const refused = await migrate(site, {}, { isCarryingSecrets: false });
  expect(refused.outcome).toMatchObject({
    failure: { message: expect.stringMatching(/it lacks the secret .*c0de/) as string },
  });
  const { outcome } = await migrate(site, {}, { isCarryingSecrets: true });

  expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
  expect(hostOf(site.world, H2).secrets.get(UUID)?.value).toBe('a2V5');
});

it('an encrypted disk on local storage is not copied live, nor warm', async () => {
  const { site } = await siteWithKey('local', secret('a2V5'), secret('a2V5'));
  const before = await site.picture();

  expect((await migrate(site)).outcome).toMatchObject({
    failure: {
      message: expect.stringMatching(
        /holds its encryption, which a live copy would drop/,
      ) as string,
    },
  });
  const warm = await migrateWarm(site);
  expect(warm.outcome).toMatchObject({
    failure: { message: expect.stringMatching(/would lie beside it in clear/) as string },
  });
  expect(await site.picture()).toEqual(before);
});
