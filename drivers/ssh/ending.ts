/** How a command ends: by itself, with what it printed, or because drover gives it up. */
import type { ClientChannel } from 'ssh2';
import { CodedError } from '../../model/errors.js';
import type { RunOptions, RunResult } from '../interfaces/shell.js';
import { unreachable } from './connection.js';
import { commandFailed, deaf } from './failures.js';
import { notBegun, unframing } from './framing.js';
import type { Running } from './running.js';

const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
/** How long a cancelled command may take to end. */
const CLOSING_MS = 5_000;

/** Calls `onSilent` when no byte has come for `ms` milliseconds. */
export function onSilence(
  channel: ClientChannel,
  ms: number,
  onSilent: () => void,
): NodeJS.Timeout {
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
export function givingUp(run: Running, signal: AbortSignal | undefined, close: () => void) {
  let giveUp = (): void => undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      close();
      setTimeout(() => reject(run.withFacts(deaf(run.host))), CLOSING_MS).unref();
    };
  });
  tooLong.catch(() => undefined); // Nobody may be waiting any more.
  if (signal?.aborted) giveUp();
  else signal?.addEventListener('abort', giveUp, { once: true });
  const stopListening = () => signal?.removeEventListener('abort', giveUp);
  return { tooLong, giveUp, stopListening };
}

/** All that a command prints, once it has ended. */
export function collect(
  run: Running,
  channel: ClientChannel,
  options: RunOptions,
): Promise<RunResult> {
  const { host } = run;
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let bytes = 0;
  const keep = (into: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_OUTPUT_BYTES) into.push(chunk);
    else run.end();
  };
  const frame = unframing();
  const keepOwn = keep(stdout);
  channel.on('data', (chunk: Buffer) => {
    const own = frame.own(chunk);
    if (own.length === 0) return;
    keepOwn(own);
    options.onOutput?.(own.toString());
  });
  channel.stderr.on('data', keep(stderr));
  channel.end(options.stdin ?? '');
  const given = givingUp(run, options.signal, run.end);
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
      else if (typeof code === 'number' && frame.noise() !== undefined)
        reject(notBegun(host, text.stderr || (frame.noise() ?? '')));
      else if (typeof code === 'number') resolve({ ...run.facts(), ...text, exitCode: code });
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

/** Waits for the end of a command whose output goes elsewhere. */
export function ended(run: Running, channel: ClientChannel): Promise<void> {
  const { host, command } = run;
  let stderr = '';
  channel.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2000)));
  return new Promise((resolve, reject) => {
    const fail = (error: CodedError) => reject(run.withFacts(error));
    channel.once('error', (error: Error) => fail(unreachable(host, error.message, error)));
    channel.once('close', (code?: number | null) => {
      if (code === 0) resolve();
      else if (typeof code === 'number')
        fail(commandFailed(host, command.name, { stderr, exitCode: code }));
      else fail(unreachable(host, 'the connection was lost'));
    });
  });
}
