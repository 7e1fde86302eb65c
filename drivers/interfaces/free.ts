/** Paths that no other guest uses. */
import type { HostPath } from '../../model/ids.js';

declare const free: unique symbol;

/** A path that no other guest uses: only such a one is removed or renamed. `activities/host/free.ts` says which are. */
export type FreePath = HostPath & { readonly [free]: true };

/** A rename of what no other guest uses. */
export interface FreeRename {
  readonly from: FreePath;
  readonly to: HostPath;
}
