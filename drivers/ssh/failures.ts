/** What a command that failed on a host means for the operator. */
import { CodedError } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import type { RunResult } from '../interfaces/shell.js';
import { HELPER_PATH } from './helper.js';

/** The error of a command that does not end although it was told to. */
export const deaf = ({ name }: Host): CodedError =>
  new CodedError('HOST_TIMEOUT', `a cancelled command on ${name} does not end`, {
    hint: `Log in to ${name} and see what it waits for.`,
  });

/** The error of a command that took longer than it may. */
export const tooSlow = ({ name }: Host, command: string, timeoutMs: number): CodedError =>
  new CodedError('HOST_TIMEOUT', `${command} on ${name} took longer than ${timeoutMs} ms`, {
    hint: `Log in to ${name} and see what it waits for.`,
  });

/** What a command printed and how it ended. */
export type Printed = Pick<RunResult, 'stderr' | 'exitCode'>;

/** True if sudo, and not the command, has answered. */
export const isRefusedBySudo = ({ ssh }: Host, { stderr, exitCode }: Printed): boolean =>
  ssh.user !== 'root' && [1, 127].includes(exitCode) && /^(?:sh: \d+: )?sudo: /m.test(stderr);

/** As ssh takes it; nothing for the usual one. */
const portOf = ({ ssh }: Host): string => (ssh.port === 22 ? '' : `-p ${ssh.port} `);

/** The error of a command that ended with an exit code that is no answer. */
export function commandFailed(host: Host, name: string, result: Printed): CodedError {
  const { stderr, exitCode } = result;
  // It goes into the history: a host that lies must not end the run by its length.
  const lastLine = (stderr.trim().split('\n').at(-1) ?? '').slice(0, 1000);
  if (isRefusedBySudo(host, result))
    return new CodedError(
      'HOST_UNPREPARED',
      `${host.ssh.user} may not run ${HELPER_PATH} on ${host.name}: ${lastLine}`,
      {
        hint: `As root: drover hosts prepare --user ${host.ssh.user} | ssh ${portOf(host)}root@${host.ssh.address} sh`,
        facts: { exitCode, stderr: stderr.slice(-1000) },
      },
    );
  const isMissing = exitCode === 127;
  return new CodedError(
    'COMMAND_FAILED',
    `${name} failed on ${host.name}: ${lastLine || `exit code ${exitCode}`}`,
    {
      hint: isMissing
        ? `Install the missing command on ${host.name}.`
        : `Read the whole message in the facts, and try it on ${host.name}.`,
      facts: { exitCode, stderr: stderr.slice(-1000) },
    },
  );
}
