/** The code of what was thrown. */
import { CodedError } from '../../model/errors.js';

/** Calls `work` and returns the code of its error; `nothing` if it threw none, `another error` if it had no code. */
export function codeThrownBy(work: () => unknown): string {
  try {
    work();
    return 'nothing';
  } catch (error) {
    return error instanceof CodedError ? error.code : 'another error';
  }
}
