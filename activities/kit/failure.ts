/** Turns what a step threw into Temporal's failure: the one place where codes become failure types. */
import { defined } from '../../model/defined.js';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { z } from 'zod';
import { CodedError, messageOf, traitsOf } from '../../model/errors.js';
import { inWords } from '../../model/in-words.js';

/** An error of the taxonomy for anything that was thrown; what is not listed is BUG and is not retried. */
export function toCoded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError('BUG', messageOf(error), {
    hint: 'This is a bug in drover. Please report it with the workflow’s history.',
    cause: error,
  });
}

/** The failure that the activity ends with. */
export function toFailure(error: unknown): Error {
  if (error instanceof CancelledFailure) return error;
  const { code, message, hint, facts, cause } = toCoded(error);
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: !traitsOf(code).retry,
    details: [{ hint, facts }],
    ...defined({ cause: cause instanceof Error ? cause : undefined }),
  });
}

/** Parses one end of a step. @throws BAD_INPUT with the path that is wrong. */
export function parseEnd<S extends z.ZodType>(
  schema: S,
  value: unknown,
  what: string,
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CodedError('BAD_INPUT', inWords(schema, value, { subject: what, names: 'paths' }), {
    hint: 'The worker and whoever started this may be of different releases; if not, it is a fault of drover: please report it.',
  });
}
