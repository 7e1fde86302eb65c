/** What a login shell prints before it runs a command (.bashrc, a banner), and how it may read a script, are told apart from drover's own (G44). */
import { Transform } from 'node:stream';
import { CodedError } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import type { HostCommand } from '../interfaces/shell.js';
import { HELPER_PATH } from './helper.js';

/** A command's own output begins after this line. */
const BEGIN = 'drover begins here';
const SAY = `echo "${BEGIN}"`;
const LINE = Buffer.from(`${BEGIN}\n`);
/** More noise than that is no greeting. */
const MAX_NOISE_BYTES = 1024 * 1024;

/**
 * A command's argument array. Root runs the script itself; another user asks the helper for it by its name (docs/hosts.md). csh and
 * fish do not read all that a POSIX shell does within quotes: to them a script is one plain word.
 */
export function framedArgv(
  user: string,
  { name, text, as }: HostCommand,
  args: readonly string[],
): string[] {
  if (user !== 'root' && as === 'root')
    return ['sh', '-c', `${SAY}; exec "$@"`, 'sh', 'sudo', '-n', HELPER_PATH, name, ...args];
  const script = Buffer.from(text).toString('base64');
  const run = `${SAY}; s=$(echo "$1" | base64 -d); shift; exec sh -c "$s" sh "$@"`;
  return ['sh', '-c', run, 'sh', script, ...args];
}

/** What comes before the command's own output is taken away. */
export interface Unframing {
  /** The part of what has come that is the command's. */
  own(chunk: Buffer): Buffer;
  /** What came before, if the command has not begun. */
  noise(): string | undefined;
}

/** For the output of one command. */
export function unframing(): Unframing {
  let before: Buffer | undefined = Buffer.alloc(0);
  return {
    own(chunk) {
      if (before === undefined) return chunk;
      const all: Buffer = Buffer.concat([before, chunk]);
      const at = all.indexOf(LINE);
      before = at === -1 ? all.subarray(-MAX_NOISE_BYTES) : undefined;
      return at === -1 ? Buffer.alloc(0) : all.subarray(at + LINE.length);
    },
    noise: () => before?.toString(),
  };
}

/** The same as a stream. */
export function unframed(): Transform {
  const frame = unframing();
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(undefined, frame.own(chunk)),
  });
}

/** The error of a login whose shell does not come to run the command. */
export const notBegun = ({ name, ssh }: Host, said: string): CodedError => {
  const words = said.trim().split('\n').at(-1)?.slice(0, 200);
  return new CodedError(
    'HOST_UNPREPARED',
    `the login of ${ssh.user} on ${name} runs no command${words ? `: it says "${words}"` : ''}`,
    {
      hint: `Try: ssh ${ssh.user}@${name} true. What its shell reads at each login (~/.bashrc, ~/.cshrc, ~/.config/fish) must not end it or ask anything; chsh -s /bin/sh gives it a plain one.`,
      facts: { host: name },
    },
  );
};
