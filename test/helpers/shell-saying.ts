/** A shell of tests whose commands all answer the same. */
import type { HostShell, RunOptions, RunResult } from '../../drivers/interfaces/shell.js';
import { ran } from './ran.js';

/** A shell that answers the same to everything, and keeps what it was told to run. */
export function shellSaying(stdout: string, exitCode = 0): HostShell & { inputs: string[] } {
  const inputs: string[] = [];
  const answer = (options?: RunOptions): Promise<RunResult> => {
    inputs.push(options?.stdin ?? '');
    return Promise.resolve(ran({ stdout, stderr: 'it says', exitCode }));
  };
  return {
    inputs,
    run: (_command, _args, options) => answer(options),
    pipe: () => Promise.resolve(),
  };
}
