/** Who may do what (S17): every role with every action, as a table. */
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
