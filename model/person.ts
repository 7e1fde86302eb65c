/** Who asks. */
import { z } from 'zod';

/** A name or an address, as the caller states it. */
export const Person = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\w.@+ -]+$/, 'a name or an address');
