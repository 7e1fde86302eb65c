/** The options of `drover migrate`, as the schemas of its requests have them: for the command line and for docs/client.md. */
import { z } from 'zod';
import { bareOf, layersOf, listed, metaOf, rangeOf, wordsOf, type AnySchema } from './schema.js';

/** One option. */
export interface Option {
  /** Its name in the request. */
  readonly name: string;
  /** As the command line has it: `--max-downtime <ms>`. */
  readonly flag: string;
  readonly help: string;
  /** A size is a number of bytes that is written with a unit: 512MiB. */
  readonly kind: 'boolean' | 'number' | 'size' | 'enum' | 'string' | 'list';
  readonly unit: string | undefined;
  /** What it takes: `1 to 16`, `abort or pause`. */
  readonly range: string | undefined;
  /** What applies without it, in words. */
  readonly otherwise: string | undefined;
}

/** The options of a schema that have a flag, in its order. */
export const optionsOf = ({ shape }: z.ZodObject): Option[] =>
  Object.entries(shape as Record<string, AnySchema>).flatMap(
    ([name, schema]) => optionOf(name, schema) ?? [],
  );

function optionOf(name: string, schema: AnySchema): Option | undefined {
  const { flag, help = '', unit, otherwise } = metaOf(schema);
  if (flag === undefined) return undefined;
  const bare = bareOf(schema);
  const kind = unit === 'bytes' ? 'size' : kindOf(bare);
  const words = wordsOf(bare);
  const range = words ? listed(words) : kind === 'number' ? rangeOf(bare) : undefined;
  return { name, flag, help, kind, unit, range, otherwise: otherwise ?? defaultOf(schema) };
}

function kindOf(schema: AnySchema): Option['kind'] {
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodArray) return 'list';
  return wordsOf(schema) ? 'enum' : 'string';
}

/** That a flag is off unless it is given needs no word. */
function defaultOf(schema: AnySchema): string | undefined {
  const found = layersOf(schema).find((layer) => layer instanceof z.ZodDefault);
  const value: unknown = found?.def.defaultValue;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return value === true ? 'on' : undefined;
}

/** What the help of the command line says: what it does, what it takes, and what applies without it. */
export function helpOf({ help, kind, unit, range, otherwise }: Option): string {
  const takes = range === undefined || kind === 'enum' ? range : [range, unit].join(' ').trim();
  const facts = [takes, otherwise === undefined ? undefined : `default: ${otherwise}`];
  const said = facts.filter((fact) => fact !== undefined).join('; ');
  return said ? `${help} (${said})` : help;
}
