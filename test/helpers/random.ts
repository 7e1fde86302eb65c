/** Random choices that can be made again: the same number, the same guest. */

/** Choices in their order. */
export interface Random {
  /** A whole number below this one. */
  below(limit: number): number;
  oneIn(chance: number): boolean;
  one<T>(of: readonly T[]): T;
  /** Up to so many of them, each once. */
  some<T>(of: readonly T[], most: number): T[];
}

/** mulberry32: small, even, and the same everywhere. */
export function randomOf(seed: number): Random {
  let state = seed * 0x9e37_79b9;
  const next = (): number => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const one = <T>(of: readonly T[]): T => {
    const found = of[below(of.length)];
    if (found === undefined) throw new Error('there is nothing to choose from');
    return found;
  };
  return {
    below,
    one,
    oneIn: (chance) => below(chance) === 0,
    some: (of, most) => [...new Set(Array.from({ length: below(most + 1) }, () => one(of)))],
  };
}
