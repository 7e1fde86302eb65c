/** The key by which drover logs in to hosts. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { config, type Config } from '../../../temporal.config.js';
import { readIdentity } from '../../../workers/dependencies.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function withKey(name: string, passphrase: string, agent?: string): Config {
  const keyFile = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', keyFile]);
  return { ...config, ssh: { keyFile, agent, knownHostsFile: join(folder, 'none') } };
}

it('is read from its file', async () => {
  const { privateKey } = await readIdentity(withKey('plain', ''));

  expect(privateKey?.toString()).toContain('OPENSSH PRIVATE KEY');
});

it('with a passphrase is the agent’s to use', async () => {
  expect(await readIdentity(withKey('locked', 'secret', '/run/agent'))).toEqual({
    knownHosts: '',
    agent: '/run/agent',
  });
});

it('with a passphrase and without an agent is told, with what to do', async () => {
  await expect(readIdentity(withKey('lost', 'secret'))).rejects.toMatchObject({
    code: 'BAD_CONFIG',
    message: expect.stringMatching(/the ssh key .*lost has a passphrase/) as string,
    hint: expect.stringContaining('ssh-add') as string,
  });
});
