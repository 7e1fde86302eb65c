/** What may be asked, and who may ask it. */
import { ERRORS, traitsOf, type ErrorCode } from '../../../model/errors.js';
import { LiveMigrationRequest } from '../../../model/migration.js';
import { decide, DEFAULT_POLICY, Policy } from '../../../model/policy.js';

const good = { vm: 'web1', requestedBy: 'ada@example.org', reason: 'kernel update' };

describe('a request', () => {
  it('needs a VM, a requester and a reason, and gets the usual options', () => {
    expect(LiveMigrationRequest.parse(good)).toMatchObject({
      mode: 'move',
      onFailure: 'rollback',
      options: { maxDowntimeMs: 300, parallelConnections: 1, isPostCopyAllowed: false },
    });
  });

  it.each([
    { name: 'no VM', change: { vm: undefined } },
    { name: 'a VM with a path in it', change: { vm: '../../etc' } },
    { name: 'a VM with a line break', change: { vm: 'a\nb' } },
    { name: 'a word to accept that is none', change: { accept: ['any thing'] } },
    { name: 'a target with a slash', change: { target: 'h2/system' } },
    { name: 'no requester', change: { requestedBy: '' } },
    { name: 'a requester with a line break', change: { requestedBy: 'a\nb' } },
    { name: 'no reason', change: { reason: '' } },
    { name: 'a bandwidth of nothing', change: { options: { bandwidthMibPerSec: 0 } } },
    { name: 'a hundred streams', change: { options: { parallelConnections: 100 } } },
    { name: 'a word nobody knows', change: { fast: true } },
    { name: 'an option nobody knows', change: { options: { warp: 9 } } },
  ])('with $name is refused', ({ change }) => {
    expect(LiveMigrationRequest.safeParse({ ...good, ...change }).success).toBe(false);
  });
});

describe('a policy', () => {
  const policy = Policy.parse({
    roles: [
      { name: 'shop', users: ['bob'], projects: ['shop'], hosts: ['h1', 'h2'], moves: ['live'] },
      { name: 'admin', users: ['ada'] },
    ],
  });
  const bob = { user: 'bob', project: 'shop', move: 'live' as const };

  it.each([
    { name: 'the role fits', asked: bob, is: { allowedBy: 'shop' } },
    {
      name: 'a named target is the role’s',
      asked: { ...bob, host: 'h2' },
      is: { allowedBy: 'shop' },
    },
    {
      name: 'the role may do all',
      asked: { user: 'ada', project: 'any', move: 'cold' as const, host: 'h9' },
      is: { allowedBy: 'admin' },
    },
    {
      name: 'the project is another',
      asked: { ...bob, project: 'bank' },
      is: { refusals: ['shop: not for the project bank', 'admin: bob does not have this role'] },
    },
    {
      name: 'the target is another',
      asked: { ...bob, host: 'h3' },
      is: { refusals: ['shop: not to the host h3', 'admin: bob does not have this role'] },
    },
    {
      name: 'the kind of move is another',
      asked: { ...bob, move: 'cold' as const },
      is: { refusals: ['shop: no cold migrations', 'admin: bob does not have this role'] },
    },
    {
      name: 'nobody knows the user',
      asked: { ...bob, user: 'eve' },
      is: { refusals: ['shop: eve does not have this role', 'admin: eve does not have this role'] },
    },
  ])('decides when $name', ({ asked, is }) => {
    expect(decide(policy, asked)).toEqual(is);
  });

  it('that nobody wrote lets the local operator do all', () => {
    expect(decide(DEFAULT_POLICY, { user: 'root', project: 'x', move: 'live' })).toEqual({
      allowedBy: 'local operator',
    });
  });

  it.each([
    { roles: [{ name: 'x' }] },
    { roles: [{ name: 'x', users: [] }] },
    { role: [] },
    { roles: [{ name: 'x', users: ['a'], may: '*' }] },
  ])('%j is refused', (text) => {
    expect(Policy.safeParse(text).success).toBe(false);
  });
});

it('an error is retried only if its code is on the list', () => {
  const retried = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => traitsOf(code).retry);
  expect(retried.sort()).toEqual([
    'COPY_FAILED',
    'DOMAIN_BUSY',
    'HOST_TIMEOUT',
    'HOST_UNREACHABLE',
    'IMAGE_STORE_UNREACHABLE',
    'INVENTORY_UNREACHABLE',
    'UNDO_UNVERIFIED',
    'VOLUME_IN_USE',
  ]);
});

it('every error code has a sentence of its own', () => {
  const sentences = Object.values(ERRORS).map(({ sentence }) => sentence);
  for (const sentence of sentences) expect(sentence).toMatch(/^\S.*[^.]\.$/);
  expect(new Set(sentences).size).toBe(sentences.length);
});
