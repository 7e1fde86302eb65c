/** Reading a domain's parts one by one: what drover does not know becomes an objection by its name, and never an exception. */
import type { z } from 'zod';
import { objection, type Objection } from '../../model/objection.js';

/** The result of reading one part of a domain. */
export interface Part<T> {
  readonly known?: T;
  readonly objections: readonly Objection[];
}

/** The part, if it fits its schema; otherwise an objection that shows what is there. */
export function partOf<S extends z.ZodType>(
  schema: S,
  value: unknown,
  about: string,
  wayOut: string,
): Part<z.output<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { known: parsed.data, objections: [] };
  const where = parsed.error.issues[0]?.path ?? [];
  const found = where.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const name = where.map(String).join(' ') || 'value';
  const shown = found === undefined ? 'none' : JSON.stringify(found);
  const why = `has a ${name} that drover does not know: ${shown}`;
  return { objections: [objection(about, why, wayOut)] };
}

/** The known parts, and all objections. */
export const collected = <T>(
  parts: readonly Part<T>[],
): { known: T[]; objections: Objection[] } => ({
  known: parts.flatMap((part) => (part.known === undefined ? [] : [part.known])),
  objections: parts.flatMap(({ objections }) => objections),
});
