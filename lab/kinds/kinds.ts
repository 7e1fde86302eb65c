/** All kinds that docs/kinds.md tells of. */
import { DISKS } from './disks.js';
import type { Kind } from './kind.js';
import { BELONGINGS, NETWORKS } from './networks.js';

/** In the page's order. */
export const KINDS: readonly Kind[] = [...DISKS, ...NETWORKS, ...BELONGINGS];
