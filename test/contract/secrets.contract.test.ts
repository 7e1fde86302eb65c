/** Encrypted disks: their keys are libvirt's, on each host by itself (G33, G20). */
import { hostOf, type FakeSecret, type FakeWorld } from '../../drivers/fake/world.js';
import { withOwner } from '../../guest/xml/brought-secret.js';
import { HostName, MigrationId, VmUuid } from '../../model/ids.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';
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
    if (found)
      hostOf(site.world, name).secrets.set(/<uuid>(.*)<\/uuid>/.exec(found.xml)?.[1] ?? '', found);
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
    /disk vda needs the secret .*c0de, which h2 lacks: --carry-secrets brings it/,
  ],
  ['has no value for it', secret('a2V5'), secret(), true, /c0de, which has no value on h2/],
  ['has another value', secret('a2V5'), secret('b2k='), true, /has another value on h2 than on h1/],
  [
    'has it in private, with who knows what value',
    secret('a2V5'),
    secret('b2s=', 'yes'),
    true,
    /cannot be told: .*--accept uncompared-secret/,
  ],
  [
    'has another one for the same use',
    secret('a2V5'),
    { ...secret('b2s='), xml: secret().xml.replace('c0de', 'beef') },
    true,
    /has another one, .*beef, for the same use/,
  ],
  [
    'has it while the source has it no more',
    undefined,
    secret('a2V5'),
    true,
    /which h1 has not got any more: .*--accept uncompared-secret/,
  ],
  ['lacks it, and the source too', undefined, undefined, true, /neither h2 nor h1 has/],
  [
    'lacks it, and the source’s is empty',
    secret(),
    undefined,
    true,
    /h2 lacks, and which has no value on h1/,
  ],
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
        failure: { code: 'DEFINITION_UNSUPPORTED', message: expect.stringMatching(why) as string },
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
    failure: {
      message: expect.stringMatching(/needs the secret .*c0de, which h2 lacks/) as string,
    },
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

const OTHER = VmUuid.parse('77000000-0000-4000-8000-0000000000ee');
/** A guest of h2's, off, whose disk has the same key. */
const addUser = (world: FakeWorld) => {
  const definition = `<domain type='kvm'><name>other</name><devices><disk type='file'><source file='/o'/><target dev='vda'/>${ELEMENT}</disk></devices></domain>`;
  const guest = {
    name: 'other',
    state: 'shutoff',
    isPersistent: true,
    isAutostart: false,
  } as const;
  hostOf(world, H2).guests.set(OTHER, { ...guest, xml: definition, definition });
};

it('a revert takes the key from no other guest that uses it by now, and says so', async () => {
  const { site, secretThere } = await siteWithKey('local', secret('a2V5'), undefined);
  const useIt = (step: string) => {
    if (step === 'guest.verify') addUser(site.world);
  };

  const { outcome } = await migrateCold(
    site,
    { decide: 'revert', onInput: useIt },
    { isCarryingSecrets: true },
  );

  expect(outcome).toMatchObject({
    kind: 'unwound',
    kept: expect.arrayContaining([
      `the secret ${UUID} on h2 stays: other uses it by now`,
    ]) as string[],
  });
  expect(secretThere()).toMatchObject({ value: 'a2V5' });
  expect(secretThere()?.xml).not.toContain('drover');
});

it('a revert leaves a key that has another value by now: it may be the only one that opens the disk', async () => {
  const { site, secretThere } = await siteWithKey('local', secret('a2V5'), undefined);
  const rotate = (step: string) => {
    const found = secretThere();
    if (step === 'guest.verify' && found)
      hostOf(site.world, H2).secrets.set(UUID, { ...found, value: 'bmV3' });
  };

  const { outcome } = await migrateCold(
    site,
    { decide: 'revert', onInput: rotate },
    { isCarryingSecrets: true },
  );

  expect(outcome).toMatchObject({
    kind: 'unwound',
    kept: [expect.stringMatching(/on h2 stays: its value is not the one on h1 any more/) as string],
  });
  expect(secretThere()).toMatchObject({ value: 'bmV3' });
});

it('confirm takes nothing from the source while the target lacks the key', async () => {
  const { site } = await siteWithKey('local', secret('a2V5'), secret('a2V5'));
  const onSource = () => [...hostOf(site.world, H1).files.keys()].sort();
  const before = onSource();
  const lose = (step: string) => {
    if (step === 'guest.confirm') hostOf(site.world, H2).secrets.clear();
  };

  const { outcome, engine } = await migrateCold(site, { onInput: lose, answer: () => 'rollback' });

  expect(engine.holds).toMatchObject([
    {
      step: 'guest.confirm',
      message: expect.stringMatching(/the secret .*c0de of its disks is not/) as string,
    },
  ]);
  expect(outcome.kind).toBe('unwound');
  expect(onSource()).toEqual(before);
});

it.each([
  ['is removed', false],
  ['stays, without its mark, if a guest names it', true],
])('what a terminated move has brought is found by the audit, and %s', async (_what, isUsed) => {
  const { site, secretThere } = await siteWithKey('local', secret('a2V5'), undefined);
  const owner = MigrationId.parse('migration-that-ended');
  const brought = withOwner(secret().xml, owner);
  hostOf(site.world, H2).secrets.set(UUID, { xml: brought, value: 'a2V5' });
  if (isUsed) addUser(site.world);
  const ended = { workflowId: 'migration/x', isOpen: false };
  const context = { ...contextOn(), runOf: () => Promise.resolve(ended) };

  const { findings } = (await codeNamed('fleet.audit', site.deps).run(
    { isRepairing: true },
    context,
  )) as { findings: object[] };

  expect(findings).toContainEqual(
    expect.objectContaining({ host: 'h2', kind: 'secret', isRepaired: true }),
  );
  if (isUsed) expect(secretThere()?.xml).not.toContain('drover');
  else expect(secretThere()).toBeUndefined();
});
