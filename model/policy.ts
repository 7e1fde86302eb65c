/** Who may move what: the policy file (F2). */
import { z } from 'zod';

const names = z.array(z.string().min(1)).min(1);

/** A role: who has it, and what it allows. `*` stands for all. */
export const Role = z.strictObject({
  name: z.string().min(1),
  users: names,
  projects: names.default(['*']),
  /** Target hosts that may be named; the scheduler's own choice needs no right. */
  hosts: names.default(['*']),
  moves: z.array(z.enum(['live', 'cold', '*'])).default(['*']),
  /** Beside moves: registering hosts, applying security groups. A role that is bounded in anything has none unless it says so. */
  operations: z.array(z.enum(['hosts', 'groups', '*'])).optional(),
});
export type Role = z.infer<typeof Role>;

/** The policy: roles, asked in order. */
export const Policy = z.strictObject({ roles: z.array(Role) });
export type Policy = z.infer<typeof Policy>;

/** What is asked of the policy: a move. */
export interface Asked {
  readonly user: string;
  readonly project: string;
  readonly host?: string;
  readonly move: 'live' | 'cold';
}

/** What is asked of the policy: an operation on the fleet itself. */
export interface AskedOperation {
  readonly user: string;
  readonly operation: 'hosts' | 'groups';
}

/** Without a policy file the local operator may do everything. */
export const DEFAULT_POLICY: Policy = {
  roles: [{ name: 'local operator', users: ['*'], projects: ['*'], hosts: ['*'], moves: ['*'] }],
};

/** The role that allows it, or per role the rule that does not. */
export function decide(
  policy: Policy,
  asked: Asked | AskedOperation,
): { allowedBy: string } | { refusals: string[] } {
  const refusals: string[] = [];
  for (const role of policy.roles) {
    const rule =
      'operation' in asked ? objectionToOperation(role, asked) : firstObjection(role, asked);
    if (!rule) return { allowedBy: role.name };
    refusals.push(`${role.name}: ${rule}`);
  }
  return { refusals };
}

const lacks = (list: readonly string[], value: string): boolean =>
  !list.includes('*') && !list.includes(value);

function objectionToOperation(role: Role, { user, operation }: AskedOperation): string | undefined {
  const isUnbounded = [role.projects, role.hosts, role.moves].every((list) => list.includes('*'));
  const operations = role.operations ?? (isUnbounded ? ['*'] : []);
  if (lacks(role.users, user)) return `${user} does not have this role`;
  return lacks(operations, operation) ? `not the operation ${operation}` : undefined;
}

function firstObjection(role: Role, { user, project, host, move }: Asked): string | undefined {
  if (lacks(role.users, user)) return `${user} does not have this role`;
  if (lacks(role.projects, project)) return `not for the project ${project}`;
  if (lacks(role.moves, move)) return `no ${move} migrations`;
  if (host !== undefined && lacks(role.hosts, host)) return `not to the host ${host}`;
  return undefined;
}
