/** Arguments and options checked by the schemas of model/, so that bad input never reaches a host. */
import type { z } from 'zod';
import { defined } from '../model/defined.js';
import { CodedError } from '../model/errors.js';
import { inWords } from '../model/in-words.js';

/** Parses a value. @param name of the argument, where the parts of the value do not speak for themselves. @throws BAD_INPUT naming it */
export function parseArgument<S extends z.ZodType>(
  schema: S,
  value: unknown,
  name?: string,
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CodedError('BAD_INPUT', inWords(schema, value, defined({ subject: name })), {
    hint: 'drover COMMAND --help explains the command.',
  });
}

/** A commander parser for numbers that refuses words. */
export const numberOption =
  (name: string) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value))
      throw new CodedError('BAD_INPUT', `${name} takes a number, not "${text}"`);
    return value;
  };

/** `512MiB`, `1.5GiB`, `1000` (bytes). */
export function bytesOption(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB)?$/.exec(text) ?? [];
  const power = ['B', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit || 'B');
  if (number === undefined)
    throw new CodedError('BAD_INPUT', `a size like 512MiB or 2GiB, not "${text}"`);
  return Math.round(Number(number) * 1024 ** power);
}
