/** What a command has given back, for shells of tests. */
import type { RunResult } from '../../drivers/interfaces/shell.js';

/** A result; what is not said is as usual. */
export const ran = (result: Partial<RunResult> = {}): RunResult => ({
  host: 'h1',
  command: 'test',
  args: [],
  stdout: '',
  stderr: '',
  exitCode: 0,
  durationMs: 1,
  isEndedByUs: false,
  ...result,
});
