/** Who may do what (S17): every role with every action, as a table. */
import * as workflows from '../../../workflows/index.js';
import { decide, DECISIONS, OPERATIONS, Policy } from '../../../model/policy.js';

const policy = Policy.parse({
  roles: [
    { name: 'admins', users: ['root'] },
    {
      name: 'shop',
      users: ['ada'],
      projects: ['shop'],
      hosts: ['kvm2'],
      moves: ['live'],
      decisions: ['answer', 'abort'],
    },
    { name: 'keepers', users: ['bob'], moves: ['cold'], operations: ['repair', 'discover'] },
  ],
});

const move = (kind: 'live' | 'cold', project = 'shop', host = 'kvm2') => ({
  move: kind,
  project,
  host,
});
const ACTIONS = {
  'move live': move('live'),
  'move cold': move('cold'),
  'move live to another host': move('live', 'shop', 'kvm9'),
  'move live in another project': move('live', 'office'),
  ...Object.fromEntries(DECISIONS.map((decision) => [decision, { decision, project: 'shop' }])),
  'answer in another project': { decision: 'answer' as const, project: 'office' },
  ...Object.fromEntries(OPERATIONS.map((operation) => [operation, { operation }])),
};

const EVERYTHING = Object.keys(ACTIONS);
it.each<[string, readonly string[]]>([
  ['root', EVERYTHING],
  ['ada', ['move live', 'answer', 'abort']],
  [
    'bob',
    ['move cold', 'answer', 'confirm', 'abort', 'answer in another project', 'discover', 'repair'],
  ],
  ['eve', []],
  ['', []],
])('%s may do that and nothing else', (user, may) => {
  const allowed = Object.entries(ACTIONS).filter(
    ([, asked]) => 'allowedBy' in decide(policy, { user, ...asked }),
  );
  expect(allowed.map(([name]) => name)).toEqual(EVERYTHING.filter((name) => may.includes(name)));
});

/** What begins a run, and the right that it asks for before it does anything. One that asks for none says why. */
const ASKED_BY: Readonly<Record<keyof typeof workflows, string>> = {
  liveMigration: 'move live',
  coldMigration: 'move cold',
  registerHost: 'hosts',
  removeHost: 'hosts',
  applyGroups: 'groups',
  enforceSecurityGroups: 'groups',
  checkHost: 'discover',
  discoverHost: 'discover',
  auditFleet: 'repair',
  resolveVm: 'none: it says the UUID that a name means, and asks no host',
};

it('every run that can be begun has its right in the table above', () => {
  expect(Object.keys(workflows).sort()).toEqual(Object.keys(ASKED_BY).sort());
  for (const right of Object.values(ASKED_BY).filter((asked) => !asked.startsWith('none: ')))
    expect(EVERYTHING).toContain(right);
});
