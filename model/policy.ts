/** Who may move what: the policy file (F2). */
import { z } from 'zod';

const names = z.array(z.string().min(1)).min(1);

/** What is done to the fleet: registering hosts, applying security groups, reading what a host runs, removing what moves have left. */
export const OPERATIONS = ['hosts', 'groups', 'discover', 'repair'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What is decided of a move that runs. */
export const DECISIONS = ['answer', 'confirm', 'abort'] as const;
export type DecisionKind = (typeof DECISIONS)[number];

/** A role: who has it, and what it allows. `*` stands for all. */
export const Role = z.strictObject({
  name: z.string().min(1),
  users: names,
  projects: names.default(['*']),
  /** Target hosts that may be named; the scheduler chooses among them. */
  hosts: names.default(['*']),
  moves: z.array(z.enum(['live', 'cold', '*'])).default(['*']),
  /** Of moves in its projects: `answer` a hold (retry, skip, rollback, forward), `confirm` or revert, `abort`. */
  decisions: z.array(z.enum(['answer', 'confirm', 'abort', '*'])).default(['*']),
  /** Beside moves: on the fleet. A role that is bounded in anything has none unless it says so. */
  operations: z.array(z.enum([...OPERATIONS, '*'])).optional(),
});
export type Role = z.infer<typeof Role>;

/** Where nothing of a guest may go over the wire in clear. `*` stands for all. */
export const Encryption = z.strictObject({
  required: z.strictObject({
    projects: z.array(z.string().min(1)).default([]),
    /** Both as source and as target. */
    hosts: z.array(z.string().min(1)).default([]),
  }),
});

/** The policy: roles, asked in order, and what holds for everybody. */
export const Policy = z.strictObject({
  roles: z.array(Role),
  encryption: Encryption.optional(),
});
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
  readonly operation: Operation;
}

/** What is asked of the policy: a decision on a move that runs; a run that is about no VM has no project. */
export interface AskedDecision {
  readonly user: string;
  readonly project?: string;
  readonly decision: DecisionKind;
}

/** Without a policy file the local operator may do everything. */
export const DEFAULT_POLICY: Policy = {
  roles: [
    {
      name: 'local operator',
      users: ['*'],
      projects: ['*'],
      hosts: ['*'],
      moves: ['*'],
      decisions: ['*'],
    },
  ],
};

/** What a move sends, and from where to where. */
export interface Sending {
  readonly project: string;
  readonly hosts: readonly string[];
  readonly isEncrypted: boolean;
}

/** Why it may not go in clear, whoever asks; nothing if it may, or does not. */
export function objectionToClear(
  { encryption }: Policy,
  { project, hosts, isEncrypted }: Sending,
): string | undefined {
  if (isEncrypted || !encryption) return undefined;
  const { required } = encryption;
  const isNamed = (list: readonly string[], value: string) => !lacks(list, value);
  if (isNamed(required.projects, project)) return `the project ${project} requires encryption`;
  const host = hosts.find((name) => isNamed(required.hosts, name));
  return host === undefined ? undefined : `${host} requires encryption`;
}

/** The role that allows it, or per role the rule that does not. */
export function decide(
  policy: Policy,
  asked: Asked | AskedOperation | AskedDecision,
): { allowedBy: string } | { refusals: string[] } {
  const refusals: string[] = [];
  for (const role of policy.roles) {
    const rule = objectionOf(role, asked);
    if (!rule) return { allowedBy: role.name };
    refusals.push(`${role.name}: ${rule}`);
  }
  return { refusals };
}

function objectionOf(
  role: Role,
  asked: Asked | AskedOperation | AskedDecision,
): string | undefined {
  if ('operation' in asked) return objectionToOperation(role, asked);
  return 'decision' in asked ? objectionToDecision(role, asked) : firstObjection(role, asked);
}

const lacks = (list: readonly string[], value: string): boolean =>
  !list.includes('*') && !list.includes(value);

function objectionToOperation(role: Role, { user, operation }: AskedOperation): string | undefined {
  const isUnbounded = [role.projects, role.hosts, role.moves].every((list) => list.includes('*'));
  const operations = role.operations ?? (isUnbounded ? ['*'] : []);
  if (lacks(role.users, user)) return `${user} does not have this role`;
  return lacks(operations, operation) ? `not the operation ${operation}` : undefined;
}

function objectionToDecision(
  role: Role,
  { user, project, decision }: AskedDecision,
): string | undefined {
  if (lacks(role.users, user)) return `${user} does not have this role`;
  if (project !== undefined && lacks(role.projects, project))
    return `not for the project ${project}`;
  return lacks(role.decisions, decision) ? `not the decision ${decision}` : undefined;
}

function firstObjection(role: Role, { user, project, host, move }: Asked): string | undefined {
  if (lacks(role.users, user)) return `${user} does not have this role`;
  if (lacks(role.projects, project)) return `not for the project ${project}`;
  if (lacks(role.moves, move)) return `no ${move} migrations`;
  if (host !== undefined && lacks(role.hosts, host)) return `not to the host ${host}`;
  return undefined;
}
