/** Exit codes, and how an error is printed: one line that says what is wrong, one that says what to do. */
import { harmless } from '../model/harmless.js';
import { defined, present } from '../model/defined.js';
import { headlineOf, judgedLines } from '../client/judged.js';
import { WorkflowNotFoundError } from '@temporalio/client';
import { MigrationError } from '../client/failure.js';
import { CodedError, messageOf, traitsOf } from '../model/errors.js';

/** The exit codes of `drover`. */
export const EXIT = { failed: 1, badInput: 2, refused: 3, rolledBack: 4, held: 5 } as const;

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof MigrationError) {
    if (error.outcome === 'refused') return EXIT.refused;
    return error.outcome === 'failed' ? EXIT.failed : EXIT.rolledBack;
  }
  if (!(error instanceof CodedError)) return EXIT.failed;
  if (error.code === 'BAD_INPUT' || error.code === 'BAD_CONFIG') return EXIT.badInput;
  return traitsOf(error.code).isRefusal ? EXIT.refused : EXIT.failed;
}

/** What an unknown migration or a server without a worker means, in drover's words. */
export function toldAs(error: unknown): unknown {
  if (!(error instanceof WorkflowNotFoundError)) return error;
  const name = error.workflowId.replace(/^migration\//, '');
  return new CodedError('BAD_INPUT', `no migration of ${name} is open`, {
    hint: 'drover list shows those that are, and how the others ended.',
    cause: error,
  });
}

/** Prints the error to standard error, as text or as one JSON object. */
export function reportError(error: unknown, isJson: boolean): void {
  const code = error instanceof CodedError ? error.code : 'BUG';
  const hint = error instanceof CodedError ? error.hint : '';
  const outcome = error instanceof MigrationError ? error.outcome : undefined;
  const leftovers = error instanceof MigrationError ? error.leftovers : [];
  const judged = error instanceof MigrationError ? error.judged : [];
  if (isJson) {
    process.stderr.write(
      `${JSON.stringify({ error: { code, message: messageOf(error), hint, outcome, leftovers, ...defined({ judged: judged.length > 0 ? judged : undefined }) } })}\n`,
    );
    return;
  }
  const lines = [
    `drover: ${outcome ? `${outcome}: ` : ''}${headlineOf(messageOf(error), judged)} (${code})`,
    ...judgedLines(judged).map((line) => `  ${line}`),
    ...leftovers.map((left) => `  left behind: ${left}`),
    ...present([hint ? `  ${hint}` : undefined]),
  ];
  process.stderr.write(`${harmless(lines.join('\n'))}\n`);
}
