/** The same work for many things, some at a time. */

/** How many runs a workflow may have open at once: each is a line in its history, and Temporal bounds those. */
export const MOST_AT_ONCE = 100;

/** What came of one. */
export type Each<R> = { readonly key: string } & (
  { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown }
);

/** How it is gone about. */
export interface EachOptions<T> {
  /** 1 to 100. */
  readonly atMost: number;
  /** A name that no other item has. */
  key(item: T): string;
}

/**
 * Does the work for each item, in their order, `atMost` at a time. One that fails keeps the others from nothing: it is kept
 * beside them.
 */
export async function each<T, R>(
  items: readonly T[],
  { atMost, key }: EachOptions<T>,
  work: (item: T) => Promise<R>,
): Promise<Each<R>[]> {
  if (!(atMost >= 1 && atMost <= MOST_AT_ONCE))
    throw new RangeError(`atMost is 1 to ${MOST_AT_ONCE}, not ${atMost}`);
  if (new Set(items.map(key)).size !== items.length) throw new RangeError('two items have one key');
  const results: Each<R>[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index] as T;
      results[index] = await work(item).then(
        (value) => ({ key: key(item), ok: true, value }),
        (error: unknown) => ({ key: key(item), ok: false, error }),
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(atMost, items.length) }, lane));
  return results;
}
