/** Random choices that can be made again: the same number, the same guest. */
import { mulberry32 } from '../../lab/random.js';

/** Choices in their order. */
export interface Random {
  /** A whole number below this one. */
  below(limit: number): number;
  oneIn(chance: number): boolean;
  one<T>(of: readonly T[]): T;
  /** Up to so many of them, each once. */
  some<T>(of: readonly T[], most: number): T[];
}

/** Neighbouring seeds make different guests. */
export function randomOf(seed: number): Random {
  const next = mulberry32(seed * 0x9e37_79b9);
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
