/** What the policy bounds beside the requester's own words: the scheduler's choice (S17), and what may go in clear (S22). */
import { Policy } from '../../model/policy.js';
import { buildSite, migrate, migrateCold } from '../helpers/fake-migration.js';

const roles = [{ name: 'ops', users: ['test'], hosts: ['h3'] }];
const everybody = [{ name: 'all', users: ['*'] }];

it('without a target named, the scheduler gives no host that the requester may not name (S17)', async () => {
  const site = await buildSite(['shared']);
  site.policy(Policy.parse({ roles }));

  const { outcome } = await migrate(site, {}, { target: undefined });

  expect(outcome).toMatchObject({ value: { outcome: 'moved', target: 'h3' } });
});

it('and none at all if there is no other (S17)', async () => {
  const site = await buildSite(['shared']);
  site.policy(Policy.parse({ roles: [{ ...roles[0], hosts: ['h9'] }] }));

  const { outcome } = await migrate(site, {}, { target: undefined });

  expect(outcome).toMatchObject({
    failure: {
      code: 'NO_TARGET',
      message: expect.stringContaining('h3: the policy does not give it to test') as string,
    },
  });
});

describe.each([
  ['a project', { projects: ['lab'] }, 'the project lab requires encryption'],
  ['the source', { hosts: ['h1'] }, 'h1 requires encryption'],
  ['the target', { hosts: ['h2'] }, 'h2 requires encryption'],
])('where %s requires encryption (S22)', (_what, required, says) => {
  const policy = Policy.parse({ roles: everybody, encryption: { required } });

  it.each([
    ['live', migrate, {}, 'say --tls'],
    ['cold', migrateCold, { options: { isPlain: true } }, 'omit --plain'],
  ] as const)('nothing goes %s in clear', async (_move, move, request, hint) => {
    const site = await buildSite(['local']);
    site.policy(policy);
    const before = await site.picture();

    const { outcome } = await move(site, {}, request);

    expect(outcome).toMatchObject({
      failure: {
        code: 'NO_TARGET',
        message: expect.stringContaining(`h2: ${says}: ${hint}`) as string,
      },
    });
    expect(await site.picture()).toEqual(before);
  });

  it.each([
    ['live', migrate, { options: { isEncrypted: true } }],
    ['cold', migrateCold, {}],
  ] as const)('and what is encrypted moves %s', async (_move, move, request) => {
    const site = await buildSite(['local']);
    site.policy(policy);

    const { outcome } = await move(site, {}, request);

    expect(outcome).toMatchObject({ value: { outcome: 'moved' } });
  });
});
