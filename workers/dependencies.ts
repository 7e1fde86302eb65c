/** Builds what the activities need: the inventory, the hosts and the policy. */
import { defined } from '../model/defined.js';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { utils } from 'ssh2';
import { parse } from 'yaml';
import type { Deps } from '../activities/kit/implement.js';
import { connectDataCentre } from '../drivers/hosts/connect.js';
import type { SshIdentity } from '../drivers/ssh/connection.js';
import type { Inventory } from '../inventory/inventory.js';
import { CodedError, messageOf } from '../model/errors.js';
import { DEFAULT_POLICY, Policy } from '../model/policy.js';
import type { Config } from '../temporal.config.js';

/** The activities' dependencies over real hosts. */
export const createDeps = (config: Config, inventory: Inventory): Deps => ({
  inventory,
  dataCentre: connectDataCentre({
    lookup: async (name) => (await inventory.host(name)).host,
    identity: () => readIdentity(config),
    ...defined({ imageStoreUrl: config.imageStoreUrl }),
  }),
  policy: () => readPolicy(config.policyFile),
});

/** Reads the policy file each time, so a change applies from the next request on. */
export async function readPolicy(file: string | undefined): Promise<Policy> {
  if (!file) return DEFAULT_POLICY;
  try {
    return Policy.parse(parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new CodedError(
      'BAD_CONFIG',
      `the policy file ${file} cannot be used: ${messageOf(cause).split('\n')[0] ?? ''}`,
      {
        hint: 'docs/policy.md shows one.',
        cause,
      },
    );
  }
}

/** Nobody is there to be asked for a passphrase. */
const isLocked = (key: Buffer): boolean => {
  const parsed = utils.parseKey(key);
  return parsed instanceof Error && /encrypted|passphrase/i.test(parsed.message);
};

/** drover's key, or the first usual one of the user, or the agent's. */
export async function readIdentity({ ssh }: Config): Promise<SshIdentity> {
  const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(homedir(), '.ssh', name));
  const keyFile = ssh.keyFile ?? usual.find((file) => existsSync(file));
  if (!keyFile && !ssh.agent) {
    throw new CodedError('BAD_CONFIG', 'there is no ssh key to log in to hosts with', {
      hint: 'Set DROVER_SSH_KEY, or start an ssh agent.',
    });
  }
  const knownHosts = existsSync(ssh.knownHostsFile)
    ? await readFile(ssh.knownHostsFile, 'utf8')
    : '';
  const privateKey = keyFile ? await readFile(keyFile) : undefined;
  if (!privateKey || !isLocked(privateKey))
    return {
      knownHosts,
      ...defined({ privateKey, agent: !ssh.keyFile && ssh.agent ? ssh.agent : undefined }),
    };
  if (ssh.agent) return { knownHosts, agent: ssh.agent };
  throw new CodedError('BAD_CONFIG', `the ssh key ${keyFile ?? ''} has a passphrase`, {
    hint: `Load it into an agent, and start drover with that: eval $(ssh-agent); ssh-add ${keyFile ?? ''}`,
  });
}
