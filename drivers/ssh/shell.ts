/** Commands over ssh: deadlines, at most eight at once a host, capped output, exit codes as typed errors. */
import pLimit from 'p-limit';
import type { ClientChannel } from 'ssh2';
import { CodedError } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import { withDeadline } from '../deadline.js';
import type { Call, HostCommand, HostShell, RunOptions, RunResult } from '../interfaces/shell.js';
import { unreachable, type SshConnection } from './connection.js';
import { HELPER_PATH } from './helper.js';
import { quote } from './quote.js';

/** sshd's MaxSessions is 10; two are left for people. */
const MAX_SESSIONS = 8;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 20_000;
/** A copy that moves no byte for that long is dead. */
const PIPE_SILENCE_MS = 60_000;
/** How long a cancelled command may take to end. */
const CLOSING_MS = 5_000;

/** A shell that can also hand out a command's raw channel, for {@link HostShell.pipe}, and its command line. */
export interface SshShell extends HostShell {
  line(command: HostCommand, args: readonly string[]): string;
  channel(call: Call): Promise<ClientChannel>;
}

/** The shell of one host over its connection. */
export function sshShell(host: Host, connection: Pick<SshConnection, 'exec'>): SshShell {
  const limit = pLimit(MAX_SESSIONS);
  const line = (command: HostCommand, args: readonly string[]) =>
    quote(argvOf(host.ssh.user, command, args));
  const channel = ([command, ...args]: Call) => connection.exec(line(command, args));
  const run = (command: HostCommand, args: readonly string[], options: RunOptions = {}) =>
    limit(async () => {
      const opened = await channel([command, ...args]);
      const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      const result = await withDeadline(collect(host, opened, options), timeoutMs, () => {
        opened.close();
        return new CodedError(
          'HOST_TIMEOUT',
          `${command.name} on ${host.name} took longer than ${timeoutMs} ms`,
          {
            hint: `Log in to ${host.name} and see what it waits for.`,
            facts: { host: host.name, command: command.name },
          },
        );
      });
      return checked(host, command, options, result);
    });
  return {
    run,
    line,
    channel,
    async pipe(source, target, sink, signal) {
      const [from, to] = await Promise.all([channel(source), (target as SshShell).channel(sink)]);
      const close = () => {
        from.close();
        to.close();
      };
      const given = givingUp(host, signal, close);
      const watchdog = onSilence(from, PIPE_SILENCE_MS, given.giveUp);
      from.end(); // The reading side gets no input.
      to.resume(); // The writing side has nothing to say, but its end arrives only when it is read.
      from.pipe(to);
      try {
        const bothEnd = Promise.all([ended(host, from, source[0]), ended(host, to, sink[0])]);
        await Promise.race([bothEnd, given.tooLong]);
      } finally {
        clearInterval(watchdog);
        given.stopListening();
        close(); // When one end fails, the other must not wait for ever.
      }
    },
  };
}

/** Root runs the script itself; another user asks the helper for it by its name (docs/hosts.md). */
const argvOf = (user: string, { name, text, as }: HostCommand, args: readonly string[]) =>
  user === 'root' || as === 'login'
    ? ['sh', '-c', text, 'sh', ...args]
    : ['sudo', '-n', HELPER_PATH, name, ...args];

/** Calls `onSilent` when no byte has come for `ms` milliseconds. */
function onSilence(channel: ClientChannel, ms: number, onSilent: () => void): NodeJS.Timeout {
  let last = Date.now();
  channel.on('data', () => (last = Date.now()));
  return setInterval(() => {
    if (Date.now() - last > ms) onSilent();
  }, ms / 10);
}

/**
 * Closes channels when the signal fires, or has fired already. sshd closes its end only when the command has ended; who
 * cancels must not wait for one that does not, so `tooLong` rejects a moment later.
 */
function givingUp(host: Host, signal: AbortSignal | undefined, close: () => void) {
  let giveUp = (): void => undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      close();
      setTimeout(() => reject(deaf(host)), CLOSING_MS).unref();
    };
  });
  tooLong.catch(() => undefined); // Nobody may be waiting any more.
  if (signal?.aborted) giveUp();
  else signal?.addEventListener('abort', giveUp, { once: true });
  const stopListening = () => signal?.removeEventListener('abort', giveUp);
  return { tooLong, giveUp, stopListening };
}

const deaf = ({ name }: Host): CodedError =>
  new CodedError('HOST_TIMEOUT', `a cancelled command on ${name} does not end`, {
    hint: `Log in to ${name} and see what it waits for.`,
    facts: { host: name },
  });

function collect(host: Host, channel: ClientChannel, options: RunOptions): Promise<RunResult> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let bytes = 0;
  const keep = (into: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_OUTPUT_BYTES) into.push(chunk);
    else channel.close();
  };
  channel.on('data', keep(stdout));
  if (options.onOutput) channel.on('data', (chunk: Buffer) => options.onOutput?.(chunk.toString()));
  channel.stderr.on('data', keep(stderr));
  channel.end(options.stdin ?? '');
  const given = givingUp(host, options.signal, () => channel.close());
  const answered = new Promise<RunResult>((resolve, reject) => {
    channel.once('error', (error: Error) => reject(unreachable(host, error.message, error)));
    channel.once('close', (code?: number | null, signal?: string) => {
      const text = {
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      };
      if (bytes > MAX_OUTPUT_BYTES)
        reject(
          new CodedError('BAD_ANSWER', `${host.name} sent more than ${MAX_OUTPUT_BYTES} bytes`),
        );
      else if (typeof code === 'number') resolve({ ...text, exitCode: code });
      else
        reject(
          unreachable(
            host,
            signal ? `the command was ended by ${signal}` : 'the connection was lost',
          ),
        );
    });
  });
  return Promise.race([answered, given.tooLong]).finally(given.stopListening);
}

function ended(host: Host, channel: ClientChannel, command: HostCommand): Promise<void> {
  let stderr = '';
  channel.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2000)));
  return new Promise((resolve, reject) => {
    channel.once('error', (error: Error) => reject(unreachable(host, error.message, error)));
    channel.once('close', (code?: number | null) => {
      if (code === 0) resolve();
      else if (typeof code === 'number')
        reject(commandFailed(host, command, { stdout: '', stderr, exitCode: code }));
      else reject(unreachable(host, 'the connection was lost'));
    });
  });
}

function checked(
  host: Host,
  command: HostCommand,
  options: RunOptions,
  result: RunResult,
): RunResult {
  const isAnswer = (options.okCodes ?? [0]).includes(result.exitCode);
  // sudo's own exit code is 1, which for some commands means "no".
  if (isAnswer && !isRefusedBySudo(host, result)) return result;
  throw commandFailed(host, command, result);
}

const isRefusedBySudo = ({ ssh }: Host, { stderr, exitCode }: RunResult): boolean =>
  ssh.user !== 'root' && [1, 127].includes(exitCode) && /^(?:sh: \d+: )?sudo: /m.test(stderr);

function commandFailed(host: Host, { name }: HostCommand, result: RunResult): CodedError {
  const { stderr, exitCode } = result;
  const lastLine = stderr.trim().split('\n').at(-1) ?? '';
  if (isRefusedBySudo(host, result))
    return new CodedError(
      'HOST_UNPREPARED',
      `${host.ssh.user} may not run ${HELPER_PATH} on ${host.name}: ${lastLine}`,
      {
        hint: `As root: drover hosts prepare --user ${host.ssh.user} | ssh root@${host.ssh.address} sh`,
        facts: { host: host.name, stderr: stderr.slice(-1000) },
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
      facts: { host: host.name, exitCode, stderr: stderr.slice(-1000) },
    },
  );
}
