/** What an operator reads when a value is not what was asked for. */
import { z } from 'zod';
import { Host, SshAddress } from '../../../model/host.js';
import { inWords } from '../../../model/in-words.js';
import { ColdMigrationRequest, LiveMigrationRequest } from '../../../model/migration.js';
import { SecurityGroup } from '../../../model/network.js';
import { Policy } from '../../../model/policy.js';
import { DiskSource } from '../../../model/storage.js';

const good = { vm: 'web1', requestedBy: 'ada', reason: 'kernel update' };

it.each([
  { given: { options: { maxDowntimeMs: 0 } }, says: '--max-downtime takes 1 to 2000000 ms, not 0' },
  {
    given: { options: { maxDowntimeMs: 1.5 } },
    says: '--max-downtime takes a whole number, 1 to 2000000, not 1.5',
  },
  {
    given: { options: { maxDowntimeMs: 'long' } },
    says: '--max-downtime takes 1 to 2000000 ms, not long',
  },
  { given: { options: { parallelConnections: 99 } }, says: '--parallel takes 1 to 16, not 99' },
  {
    given: { options: { bandwidthMibPerSec: -3 } },
    says: '--bandwidth takes 1 to 100000 MiB/s, not -3',
  },
  {
    given: { options: { onTimeout: 'stop' } },
    says: '--on-timeout takes abort or pause, not stop',
  },
  { given: { options: { isEncrypted: 'yes' } }, says: '--tls takes true or false, not yes' },
  {
    given: { options: { warp: 9 } },
    says: /^options has warp, which drover does not know; it may also have isPostCopyAllowed, /,
  },
  {
    given: { fast: true, 'very fast': 1 },
    says: /^it has fast, "very fast", which drover does not know; it may also have target, /,
  },
  {
    given: { target: 'KVM 2' },
    says: '--to: a host name has letters, digits, dots and dashes (given: "KVM 2")',
  },
  { given: { requestedBy: 'a\nb' }, says: '--as: a name or an address (given: "a\\nb")' },
  { given: { reason: undefined }, says: '--reason is missing' },
  { given: { reason: '' }, says: '--reason is empty' },
  {
    given: { reason: 'x'.repeat(501) },
    says: /^--reason takes at most 500 characters, not x{60}…$/,
  },
  {
    given: { accept: ['any thing'] },
    says: '--accept: the word that an objection names (given: "any thing")',
  },
  { given: { accept: 'all' }, says: '--accept takes a list, not all' },
  { given: { vm: undefined }, says: 'vm is missing' },
  { given: { vm: 'a/b' }, says: 'vm: a VM is a name without a slash, or a UUID (given: a/b)' },
  { given: { vm: 7 }, says: 'vm: a VM is a name without a slash, or a UUID (given: 7)' },
  { given: { mode: null }, says: 'mode takes move or plan, not nothing' },
  { given: { options: [1] }, says: 'options takes an object, not a list of 1' },
])('a request with $given: $says', ({ given, says }) => {
  const words = inWords(LiveMigrationRequest, { ...good, ...given });

  expect(words).toEqual(typeof says === 'string' ? says : expect.stringMatching(says));
});

it('a program is told the place in its request, since it knows no flags', () => {
  const given = { ...good, options: { shutdownSeconds: 3601 } };

  expect(inWords(ColdMigrationRequest, given, { names: 'paths' })).toBe(
    'options.shutdownSeconds takes 0 to 3600 s, not 3601',
  );
});

it.each([
  { schema: Host.shape.name, given: 'a b', says: /^the host: a host name has letters.*"a b"/ },
  { schema: SshAddress.shape.port, given: 0, says: 'the host takes 1 to 65535, not 0' },
  { schema: LiveMigrationRequest, given: undefined, says: 'the host is missing' },
  { schema: LiveMigrationRequest, given: 'web1', says: 'the host takes an object, not web1' },
  {
    schema: SshAddress,
    given: { user: 5, address: 'kvm1', port: 22 },
    says: 'the host: user takes text, not 5',
  },
  {
    schema: z.array(SecurityGroup),
    given: [{ name: 'web', ingress: [{ protocol: 'tcp', from: '10.0.0.0/99' }] }],
    says: 'the host: 0.ingress.0.from takes an IPv4 range such as 10.0.0.0/8, not 10.0.0.0/99',
  },
  {
    schema: Policy,
    given: { roles: [{ name: 'x', users: [] }] },
    says: 'the host: roles.0.users takes at least 1 entry, not a list of 0',
  },
  {
    schema: DiskSource,
    given: { kind: 'tape' },
    says: /^the host: kind takes .+ or .+, not tape$/,
  },
  {
    schema: z.union([z.string(), z.int()]),
    given: true,
    says: 'the host takes text or a whole number, not true',
  },
  {
    schema: z.string().regex(/^a$/),
    given: 'b',
    says: 'the host takes text of the form /^a$/, not b',
  },
  { schema: z.stringbool(), given: 'maybe', says: /^the host takes true, 1, .+, not maybe$/ },
  { schema: z.coerce.number().int(), given: 'web', says: 'the host takes a whole number, not web' },
  {
    schema: z.record(z.string().max(1), z.int()),
    given: { ab: 1 },
    says: 'the host: ab is a name that cannot be used here',
  },
])('says what the value is, where it has no flag: $says', ({ schema, given, says }) => {
  const words = inWords(schema, given, { subject: 'the host' });

  expect(words).toEqual(typeof says === 'string' ? says : expect.stringMatching(says));
});

it('does not show a secret', () => {
  const schema = z.object({ DATABASE_URL: z.url().optional().meta({ isSecret: true }) });

  expect(inWords(schema, { DATABASE_URL: 'no url, but hunter2' })).toBe('DATABASE_URL takes a URL');
});
