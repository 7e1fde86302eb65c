/** The one place that quotes: an argument array becomes a command line for a POSIX shell. */
import { shellWord } from '../../model/shell-word.js';
import { CodedError } from '../../model/errors.js';

/** Quotes every argument; a NUL byte cannot be passed and is refused. */
export function quote(argv: readonly string[]): string {
  if (argv.some((argument) => argument.includes('\0'))) {
    throw new CodedError('BAD_INPUT', 'a command argument has a NUL byte');
  }
  return argv.map(shellWord).join(' ');
}
