/** Names of the overlays of a warm copy. */
import { HostPath } from './ids.js';

/** Where a guest writes while its disk is copied; the suffix says whose it is. */
export const overlayOf = (path: HostPath, owner: string): HostPath =>
  HostPath.parse(`${path}${overlaySuffix(owner)}`);

/** What its name ends with. */
export const overlaySuffix = (owner: string): string => `.warm-${owner}`;
