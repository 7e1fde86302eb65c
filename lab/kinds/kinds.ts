/** All kinds that docs/kinds.md tells of. */
import { BELONGINGS } from './belongings.js';
import { DISKS } from './disks.js';
import type { Kind } from './kind.js';
import { NETWORKS } from './networks.js';

/** In the page's order. */
export const KINDS: readonly Kind[] = [...DISKS, ...NETWORKS, ...BELONGINGS];
