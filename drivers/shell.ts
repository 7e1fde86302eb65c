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

/** What a command gave back. */
export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Commands on one host. They are argument arrays; quoting is the shell driver's business alone. */
export interface HostShell {
  /** @throws COMMAND_FAILED for any other exit code; HOST_UNREACHABLE, HOST_TIMEOUT if the reply is lost. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs a constant POSIX `sh` script; `args` arrive as `$1`, `$2`, … and are never spliced into it. */
  script(text: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Pipes the output of a command here into the input of one on `target`; nothing is kept in memory. */
  pipe(
    argv: readonly string[],
    target: HostShell,
    targetArgv: readonly string[],
    signal?: AbortSignal,
  ): Promise<void>;
}
