/** Commands over ssh: deadlines, at most eight at once a host, capped output, exit codes as typed errors. */
import pLimit from 'p-limit';
import type { ClientChannel } from 'ssh2';
import { CodedError } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import { withDeadline } from '../deadline.js';
import type { HostShell, RunOptions, RunResult } from '../shell.js';
import { unreachable, type SshConnection } from './connection.js';
import { quote } from './quote.js';

/** sshd's MaxSessions is 10; two are left for people. */
const MAX_SESSIONS = 8;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 20_000;
/** A copy that moves no byte for that long is dead. */
const PIPE_SILENCE_MS = 60_000;

/** A shell that can also hand out a command's raw channel, for {@link HostShell.pipe}. */
export interface SshShell extends HostShell {
  channel(argv: readonly string[]): Promise<ClientChannel>;
}

/** The shell of one host over its connection. */
export function sshShell(host: Host, connection: SshConnection): SshShell {
  const limit = pLimit(MAX_SESSIONS);
  const open = (argv: readonly string[]) => connection.exec(quote(argv));
  const run = (argv: readonly string[], options: RunOptions = {}) =>
    limit(async () => {
      const channel = await open(argv);
      const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      const result = await withDeadline(collect(host, channel, options), timeoutMs, () => {
        channel.close();
        return new CodedError(
          'HOST_TIMEOUT',
          `${argv[0]} on ${host.name} took longer than ${timeoutMs} ms`,
          {
            hint: `Log in to ${host.name} and see what it waits for.`,
            facts: { host: host.name, command: argv[0] ?? '' },
          },
        );
      });
      return checked(host, argv, options, result);
    });
  return {
    run,
    script: (text, args, options) => run(['sh', '-c', text, 'sh', ...args], options),
    channel: open,
    async pipe(argv, target, targetArgv, signal) {
      const [from, to] = await Promise.all([
        this.channel(argv),
        (target as SshShell).channel(targetArgv),
      ]);
      const close = () => {
        from.close();
        to.close();
      };
      const watchdog = onSilence(from, PIPE_SILENCE_MS, close);
      signal?.addEventListener('abort', close, { once: true });
      from.end(); // The reading side gets no input.
      to.resume(); // The writing side has nothing to say, but its end arrives only when it is read.
      from.pipe(to);
      try {
        await Promise.all([ended(host, from, argv), ended(host, to, targetArgv)]);
      } finally {
        clearInterval(watchdog);
        signal?.removeEventListener('abort', close);
        close(); // When one end fails, the other must not wait for ever.
      }
    },
  };
}

/** Calls `onSilent` when no byte has come for `ms` milliseconds. */
function onSilence(channel: ClientChannel, ms: number, onSilent: () => void): NodeJS.Timeout {
  let last = Date.now();
  channel.on('data', () => (last = Date.now()));
  return setInterval(() => {
    if (Date.now() - last > ms) onSilent();
  }, ms / 10);
}

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
  options.signal?.addEventListener('abort', () => channel.close(), { once: true });
  return new Promise((resolve, reject) => {
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
}

function ended(host: Host, channel: ClientChannel, argv: readonly string[]): Promise<void> {
  let stderr = '';
  channel.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2000)));
  return new Promise((resolve, reject) => {
    channel.once('close', (code?: number | null) => {
      if (code === 0) resolve();
      else if (typeof code === 'number')
        reject(commandFailed(host, argv, { stdout: '', stderr, exitCode: code }));
      else reject(unreachable(host, 'the connection was lost'));
    });
  });
}

function checked(
  host: Host,
  argv: readonly string[],
  options: RunOptions,
  result: RunResult,
): RunResult {
  if ((options.okCodes ?? [0]).includes(result.exitCode)) return result;
  throw commandFailed(host, argv, result);
}

function commandFailed(
  host: Host,
  argv: readonly string[],
  { stderr, exitCode }: RunResult,
): CodedError {
  const lastLine = stderr.trim().split('\n').at(-1) ?? '';
  const isMissing = exitCode === 127;
  return new CodedError(
    'COMMAND_FAILED',
    `${argv[0] === 'sh' ? 'a script' : argv[0]} failed on ${host.name}: ${lastLine || `exit code ${exitCode}`}`,
    {
      hint: isMissing
        ? `Install the missing command on ${host.name}.`
        : `Read the whole message in the facts, and try it on ${host.name}.`,
      facts: { host: host.name, exitCode, stderr: stderr.slice(-1000) },
    },
  );
}
