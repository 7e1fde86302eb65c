/** Running commands on a host: the interface that storage, network and image drivers build on. */

/** How a command is run. */
export interface RunOptions {
  readonly stdin?: string;
  /** Deadline of the command itself, in milliseconds. @default 20 000, since these are small commands. */
  readonly timeoutMs?: number;
  /** Exit codes that are answers and not failures. @default [0] */
  readonly okCodes?: readonly number[];
  /** Hears standard output as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Ends the command when it fires. */
  readonly signal?: AbortSignal;
}

/**
 * What is known of a command, whether it did well or not; the facts of its failure are these. What it reads is no part of
 * them, since that may hold a secret, which arguments never do.
 */
export interface RunFacts {
  readonly host: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Missing if it did not come to its end, or nobody heard of that. */
  readonly exitCode?: number;
  readonly durationMs: number;
  /** drover ended it, since it was cancelled, took too long or said too much. */
  readonly isEndedByUs: boolean;
}

/** What a command gave back. */
export interface RunResult extends RunFacts {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * A constant POSIX `sh` script under a name. Everything that drover runs on hosts is declared so, which makes the list
 * that a login user other than root needs (`drover hosts prepare`). Arguments arrive as `$1`, `$2`, … and are never spliced in.
 */
export interface HostCommand {
  readonly name: string;
  readonly text: string;
  /** `login`: it touches only what is the login user's own, and is run without more rights. */
  readonly as: 'root' | 'login';
}

/** Declares a command that needs root's rights. */
export const asRoot = (name: string, text: string): HostCommand => ({ name, text, as: 'root' });
/** Declares a command that the login user runs as itself. */
export const asLogin = (name: string, text: string): HostCommand => ({ name, text, as: 'login' });

/** Commands on one host; quoting is the shell driver's business alone. */
export interface HostShell {
  /** @throws COMMAND_FAILED for any other exit code; HOST_UNREACHABLE, HOST_TIMEOUT if the reply is lost; HOST_UNPREPARED */
  run(command: HostCommand, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Pipes the output of a command here into the input of one on `target`; nothing is kept in memory. */
  pipe(from: Call, target: HostShell, to: Call, signal?: AbortSignal): Promise<void>;
}

/** A command and its arguments. */
export type Call = readonly [HostCommand, ...string[]];
