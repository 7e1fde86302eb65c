/** A command on its way: what is known of it, for its result and for every way in which it can fail. */
import { defined } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import type { HostCommand, RunFacts } from '../interfaces/shell.js';

/** Many paths may be asked for at once; a failure goes into the history. */
const MAX_ARGS = 20;

/** One command on its way. */
export interface Running {
  readonly host: Host;
  readonly command: HostCommand;
  /** Ends it. */
  end(): void;
  facts(): RunFacts;
  /** The same error, with what is known of the command. */
  withFacts(error: CodedError): CodedError;
}

/** Starts the clock. @param close what ends the command */
export function running(
  host: Host,
  [command, ...args]: readonly [HostCommand, ...string[]],
  close: () => void,
): Running {
  const startedAt = performance.now();
  let isEndedByUs = false;
  const facts = (): RunFacts => ({
    host: host.name,
    command: command.name,
    args: shown(args),
    durationMs: Math.round(performance.now() - startedAt),
    isEndedByUs,
  });
  return {
    host,
    command,
    facts,
    end: () => {
      isEndedByUs = true;
      close();
    },
    withFacts: ({ code, message, hint, cause, facts: own }) =>
      new CodedError(code, message, { hint, cause, facts: { ...defined(facts()), ...own } }),
  };
}

/** An image store's address may have a password in it. */
function shown(args: readonly string[]): string[] {
  const some = args
    .slice(0, MAX_ARGS)
    .map((arg) => arg.replaceAll(/(:\/\/[^/:@\s]*):[^/@\s]*@/g, '$1:…@'));
  return args.length > MAX_ARGS ? [...some, `… and ${args.length - MAX_ARGS} more`] : some;
}
