/** What ssh itself makes of a host's name: `~/.ssh/config` and all that it includes, resolved by `ssh -G` (G43). */
import { execFile } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { z } from 'zod';
import { CodedError } from '../model/errors.js';
import { SshAddress } from '../model/host.js';
import { parseArgument } from './parse.js';

/** What was said: `[user@]address[:port]`. */
const SaidAddress = SshAddress.partial({ user: true, port: true });
export type SaidAddress = z.infer<typeof SaidAddress>;

/** A login, with what an operator should know of it. */
export interface Login {
  readonly ssh: SshAddress;
  readonly remarks: readonly string[];
}

const EXPECTED = '--ssh USER@ADDRESS[:PORT]';

/** The last @ counts, since a name may have one (a user of a domain's). IPv6 in brackets. */
export function parseSsh(text: string): SaidAddress {
  const [, user, inBrackets, plain, port] =
    /^(?:(.+)@)?(?:\[([^\]@]+)\]|([^:@]+))(?::(\d+))?$/.exec(text) ?? [];
  const said = { user, address: inBrackets ?? plain, port: port && Number(port) };
  // Whatever ssh would make of it: nothing odd gets to its command line.
  return parseArgument(SaidAddress, said, EXPECTED);
}

/** Lines of `ssh -G`, by their first word; nothing if there is no ssh on this machine. */
export type AskSsh = (
  said: SaidAddress,
) => Promise<ReadonlyMap<string, readonly string[]> | undefined>;

/** By ssh's own command. */
export const askSsh: AskSsh = async ({ user, address, port }) => {
  const flags: string[] = [];
  if (user !== undefined) flags.push('-l', user);
  if (port !== undefined) flags.push('-p', String(port));
  try {
    const { stdout } = await promisify(execFile)('ssh', ['-G', ...flags, '--', address]);
    const lines = new Map<string, string[]>();
    for (const line of stdout.split('\n')) {
      const [word = '', ...rest] = line.split(' ');
      lines.set(word, [...(lines.get(word) ?? []), rest.join(' ')]);
    }
    return lines;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CodedError(
      'BAD_INPUT',
      `ssh does not understand ${address}, or its own configuration`,
      {
        hint: `Try: ssh -G ${address}`,
        cause: error,
      },
    );
  }
};

/** The usual keys, which drover tries too. */
const USUAL_KEY = /\/\.ssh\/(?:id_[a-z0-9_]+|google_compute_engine|identity)$/;

/** The login that ssh would make. @throws BAD_INPUT where ssh would go by another machine, which drover does not */
export async function resolveSsh(said: SaidAddress, ask: AskSsh = askSsh): Promise<Login> {
  const lines = await ask(said);
  const of = (word: string) => lines?.get(word)?.[0];
  const jump = [of('proxyjump'), of('proxycommand')].find((one) => one && one !== 'none');
  const address = of('hostname') ?? said.address;
  // ssh makes a login of any word; without a user it is one only if its configuration knows the name.
  const isKnown =
    address !== said.address || of('port') !== '22' || of('user') !== userInfo().username;
  const user = said.user ?? (isKnown ? of('user') : undefined);
  const ssh = parseArgument(
    SshAddress,
    { user, address, port: said.port ?? Number(of('port') ?? 22) },
    EXPECTED,
  );
  if (jump)
    throw new CodedError(
      'BAD_INPUT',
      `ssh reaches ${said.address} by way of ${jump} (~/.ssh/config), and drover logs in directly`,
      {
        hint: `Run drover on a machine that reaches ${address} itself; or keep a way open, ssh -fNL 2201:${address}:${ssh.port} ${jump}, and say --ssh ${ssh.user}@127.0.0.1:2201 --uri qemu+ssh://root@${address}/system.`,
      },
    );
  return { ssh, remarks: remarksOn(said, ssh, lines?.get('identityfile') ?? []) };
}

function remarksOn(said: SaidAddress, ssh: SshAddress, keys: readonly string[]): string[] {
  const isAsSaid =
    said.address === ssh.address && (said.port ?? 22) === ssh.port && said.user !== undefined;
  const found = isAsSaid
    ? []
    : [`by ssh’s configuration, ${said.address} is ${ssh.user}@${ssh.address}, port ${ssh.port}`];
  const own = keys.map((key) => key.replace(/^~/, homedir())).filter((key) => !USUAL_KEY.test(key));
  return own.length === 0
    ? found
    : [
        ...found,
        `its key there is ${own.join(', ')}: start drover with DROVER_SSH_KEY=${own[0] ?? ''}, or load it into the agent (ssh-add)`,
      ];
}
