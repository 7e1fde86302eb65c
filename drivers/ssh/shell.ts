/** Commands over ssh: deadlines, at most eight at once a host, capped output, exit codes as typed errors. */
import pLimit from 'p-limit';
import type { ClientChannel } from 'ssh2';
import { CodedError } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import { withDeadline } from '../deadline.js';
import type { Call, HostCommand, HostShell, RunOptions, RunResult } from '../interfaces/shell.js';
import type { SshConnection } from './connection.js';
import { collect, ended, givingUp, onSilence } from './ending.js';
import { commandFailed, isRefusedBySudo, tooSlow } from './failures.js';
import { framedArgv, unframed } from './framing.js';
import { quote } from './quote.js';
import { running, type Running } from './running.js';

/** sshd's MaxSessions is 10; two are left for people. */
const MAX_SESSIONS = 8;
const DEFAULT_TIMEOUT_MS = 20_000;
/** A copy that moves no byte for that long is dead. */
const PIPE_SILENCE_MS = 60_000;

/** A shell that can also hand out a command's raw channel, for {@link HostShell.pipe}. */
export interface SshShell extends HostShell {
  readonly host: Host;
  channel(call: Call): Promise<ClientChannel>;
}

/** The shell of one host over its connection. */
export function sshShell(host: Host, connection: Pick<SshConnection, 'exec'>): SshShell {
  const limit = pLimit(MAX_SESSIONS);
  const line = (command: HostCommand, args: readonly string[]) =>
    quote(framedArgv(host.ssh.user, command, args));
  const channel = ([command, ...args]: Call) => connection.exec(line(command, args));
  return {
    host,
    channel,
    run: (command, args, options = {}) =>
      limit(() => runOn(host, channel, [command, ...args], options)),
    pipe: (source, target, sink, signal) =>
      pipeTo([host, channel, source], target as SshShell, sink, signal),
  };
}

type Open = SshShell['channel'];

async function runOn(host: Host, open: Open, call: Call, options: RunOptions): Promise<RunResult> {
  let channel: ClientChannel | undefined;
  const run = running(host, call, () => channel?.close());
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  try {
    channel = await open(call);
    const result = await withDeadline(collect(run, channel, options), timeoutMs, () => {
      run.end();
      return tooSlow(host, call[0].name, timeoutMs);
    });
    return checked(run, options, result);
  } catch (error) {
    throw error instanceof CodedError ? run.withFacts(error) : error;
  }
}

async function pipeTo(
  [host, open, source]: readonly [Host, Open, Call],
  target: SshShell,
  sink: Call,
  signal: AbortSignal | undefined,
): Promise<void> {
  const [from, to] = await Promise.all([open(source), target.channel(sink)]);
  const reading = running(host, source, () => from.close());
  const writing = running(target.host, sink, () => to.close());
  const close = () => {
    reading.end();
    writing.end();
  };
  const given = givingUp(reading, signal, close);
  const watchdog = onSilence(from, PIPE_SILENCE_MS, given.giveUp);
  from.end(); // The reading side gets no input.
  to.resume(); // The writing side has nothing to say, but its end arrives only when it is read.
  from.pipe(unframed()).pipe(to);
  try {
    const bothEnd = Promise.all([ended(reading, from), ended(writing, to)]);
    await Promise.race([bothEnd, given.tooLong]);
  } finally {
    clearInterval(watchdog);
    given.stopListening();
    close(); // When one end fails, the other must not wait for ever.
  }
}

/** The result, if its exit code is an answer. */
function checked({ host, command }: Running, options: RunOptions, result: RunResult): RunResult {
  const isAnswer = (options.okCodes ?? [0]).includes(result.exitCode);
  // sudo's own exit code is 1, which for some commands means "no".
  if (isAnswer && !isRefusedBySudo(host, result)) return result;
  throw commandFailed(host, command.name, result);
}
