/** docs/policy.md's matrix: what each role of its example may do, as the policy itself answers. */
import { parse } from 'yaml';
import {
  decide,
  DECISIONS,
  OPERATIONS,
  Policy,
  type Asked,
  type AskedDecision,
  type AskedOperation,
  type Role,
} from '../model/policy.js';

const PROJECT = 'shop';
const HOST = 'kvm1';
const move = (kind: 'live' | 'cold', project = PROJECT, host = HOST) => ({
  move: kind,
  project,
  host,
});

type ActionAsked = Unnamed<Asked> | Unnamed<AskedOperation> | Unnamed<AskedDecision>;
type Unnamed<A> = Omit<A, 'user'>;

/** Everything that is asked of a policy, in words. */
const ACTIONS: Readonly<Record<string, ActionAsked>> = {
  [`move live in ${PROJECT}`]: move('live'),
  [`move cold in ${PROJECT}`]: move('cold'),
  'move live to a host that is not listed': move('live', PROJECT, 'kvm9'),
  'move live in another project': move('live', 'office'),
  ...Object.fromEntries(
    DECISIONS.map((decision) => [`${decision}, in ${PROJECT}`, { decision, project: PROJECT }]),
  ),
  'answer, in another project': { decision: 'answer', project: 'office' },
  ...Object.fromEntries(OPERATIONS.map((operation) => [operation, { operation }])),
};

/** @param document docs/policy.md, whose first block of YAML is the example */
export function policyMatrix(document: string): string {
  const yaml = /```yaml\n([^]*?)```/.exec(document)?.[1] ?? '';
  const { roles } = Policy.parse(parse(yaml));
  const nobody: Role = { ...(roles[0] as Role), users: ['somebody else'] };
  const may = (role: Role, asked: ActionAsked): string => {
    const user = role === nobody ? 'nobody' : (role.users[0] ?? '');
    return 'allowedBy' in decide({ roles: [role] }, { user, ...asked }) ? 'yes' : '–';
  };
  const columns = [...roles, nobody];
  const rows = Object.entries(ACTIONS).map(
    ([name, asked]) => `| ${name} | ${columns.map((role) => may(role, asked)).join(' | ')} |`,
  );
  return [
    `| action | ${[...roles.map(({ name }) => name), 'nobody'].join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...rows,
  ].join('\n');
}
