/** The options of a request's schema as commander has them, and back. */
import { Option as Flag, type Command } from 'commander';
import type { z } from 'zod';
import { CodedError } from '../model/errors.js';
import { NO_REASON } from '../model/migration.js';
import { Operation } from '../model/operations.js';
import { Decision } from '../model/progress.js';
import { helpOf, optionsOf, type Option } from '../model/options.js';
import { config } from '../temporal.config.js';
import { bytesOption, numberOption } from './parse.js';

/** What commander hands over, by the names that it gives to flags. */
export type Flags = Readonly<Record<string, unknown>>;

/** Adds options to a command. `defaults` are those of the command line alone, by the option's name. */
export const addOptions = (
  command: Command,
  options: readonly Option[],
  defaults: Readonly<Record<string, string>> = {},
): Command =>
  options.reduce((all, option) => all.addOption(flagOf(option, defaults[option.name])), command);

/** `--as`: who asks. */
export const askedBy = (): Flag => ofSchema(Operation, 'requestedBy', config.user);
/** `--reason`, of a command whose run is kept for those who ask later. */
export const askedWhy = (): Flag => ofSchema(Operation, 'reason', NO_REASON);
/** `--as`: who decides. */
export const decidedBy = (): Flag => ofSchema(Decision, 'by', config.user);
/** `--reason`, of a decision. */
export const decidedWhy = (): Flag => ofSchema(Decision, 'reason');

function ofSchema(schema: z.ZodObject, name: string, ownDefault?: string): Flag {
  const option = optionsOf(schema).find((one) => one.name === name);
  if (!option) throw new CodedError('BUG', `the schema has no option ${name}`);
  return flagOf(option, ownDefault);
}

/** The values of a schema's options that were given. What applies without one is the schema's business. */
export const valuesOf = (schema: z.ZodObject, flags: Flags): Record<string, unknown> =>
  Object.fromEntries(
    optionsOf(schema)
      .map(({ name, flag }) => [name, flags[new Flag(flag).attributeName()]] as const)
      .filter(([, value]) => value !== undefined),
  );

function flagOf(option: Option, ownDefault: string | undefined): Flag {
  const flag = new Flag(option.flag, helpOf(option));
  if (option.kind === 'number') flag.argParser(numberOption(flag.long ?? option.flag));
  if (option.kind === 'size') flag.argParser(bytesOption);
  if (option.kind === 'list')
    flag.argParser((word: string, before: string[] | undefined) => [...(before ?? []), word]);
  return ownDefault === undefined ? flag : flag.default(ownDefault);
}
