/** What a schema says of itself: the value below its wrappers, its range, and what its meta adds. */
import { z } from 'zod';

/** Any schema, wrapped or not. */
export type AnySchema = z.core.$ZodType;

/** What an option of `drover migrate` carries in its schema, beside its range and its default. */
export const Meta = z.object({
  /** As the command line has it: `--max-downtime <ms>`. */
  flag: z.string().optional(),
  /** What it does, in a few words. */
  help: z.string().optional(),
  unit: z.string().optional(),
  /** What applies without it, where the schema itself has no default. */
  otherwise: z.string().optional(),
  /** An error does not show the value. */
  isSecret: z.boolean().optional(),
});
export type Meta = z.infer<typeof Meta>;

/** The schema with optional, default and the like around it, from the outside to the inside. */
export function layersOf(schema: AnySchema): AnySchema[] {
  const { innerType, in: input } = schema._zod.def as { innerType?: AnySchema; in?: AnySchema };
  const inner = innerType ?? input;
  return inner ? [schema, ...layersOf(inner)] : [schema];
}

/** The schema below its wrappers. */
export const bareOf = (schema: AnySchema): AnySchema => layersOf(schema).at(-1) ?? schema;

/** What the schema, or what it wraps, carries; the outermost word counts. */
export const metaOf = (schema: AnySchema): Meta =>
  Meta.parse(
    layersOf(schema).reduceRight<object>(
      (below, layer) => ({ ...below, ...z.globalRegistry.get(layer) }),
      {},
    ),
  );

/** The schemas along a path, from the whole to the value; shorter than the path where it leaves the schema. */
export function along(schema: AnySchema, path: readonly PropertyKey[]): AnySchema[] {
  const [key, ...rest] = path;
  const next = key === undefined ? undefined : childOf(bareOf(schema), key);
  return next ? [schema, ...along(next, rest)] : [schema];
}

function childOf(schema: AnySchema, key: PropertyKey): AnySchema | undefined {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape as Record<string, AnySchema>).find(
      ([name]) => name === key,
    )?.[1];
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodTuple) return schema.def.items[Number(key)];
  if (schema instanceof z.ZodUnion)
    return schema.options
      .map((option) => childOf(bareOf(option), key))
      .find((child) => child !== undefined);
  return undefined;
}

/** The words that an enumeration, or a literal, allows. */
export function wordsOf(schema: AnySchema): readonly unknown[] | undefined {
  if (schema instanceof z.ZodEnum) return schema.options;
  return schema instanceof z.ZodLiteral ? [...schema.values] : undefined;
}

/** The range of a number: `1 to 16`, `1 or more`; nothing where any number will do. */
export function rangeOf(schema: AnySchema): string | undefined {
  const bounds = (schema._zod.def.checks ?? []).map((check) => check._zod.def as Bound);
  const low = bounds.findLast(({ check }) => check === 'greater_than');
  const high = bounds.findLast(({ check }) => check === 'less_than');
  if (low?.inclusive && high?.inclusive) return `${low.value} to ${high.value}`;
  const from = low && (low.inclusive ? `${low.value} or more` : `more than ${low.value}`);
  const to = high && (high.inclusive ? `at most ${high.value}` : `less than ${high.value}`);
  return from && to ? `${from}, ${to}` : (from ?? to);
}

interface Bound {
  readonly check: string;
  readonly value: number;
  readonly inclusive: boolean;
}

/** What a schema takes, in words. */
export function kindInWords(schema: AnySchema): string {
  const bare = bareOf(schema);
  const words = wordsOf(bare);
  if (words) return listed(words);
  if (bare instanceof z.ZodUnion) return [...new Set(bare.options.map(kindInWords))].join(' or ');
  if (!(bare instanceof z.ZodNumber)) return KINDS[bare._zod.def.type] ?? 'another value';
  const range = rangeOf(bare);
  if (range) return [range, metaOf(schema).unit ?? ''].join(' ').trim();
  return bare.format?.includes('int') ? 'a whole number' : 'a number';
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

/** `a, b or c`. */
export function listed(words: readonly unknown[]): string {
  const all = words.map(String);
  const last = all.at(-1) ?? '';
  return all.length > 1 ? `${all.slice(0, -1).join(', ')} or ${last}` : last;
}
