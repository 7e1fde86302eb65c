/** What has the name of something that was set aside, and is another file by now. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Arrived } from '../../model/arrived.js';
import type { HostPath } from '../../model/ids.js';
import { lostFrom } from '../disks/way-back.js';
import { isAnother, seenNow } from '../guest/arrived.js';

/**
 * Of these paths those that are not as they were left: somebody has put another file there, or written to it. What was not looked at
 * when it was left has its name only.
 */
export async function replacedAmong(
  source: HostDrivers,
  left: readonly Arrived[],
  paths: readonly HostPath[],
): Promise<Set<HostPath>> {
  const before = left.filter(({ path }) => paths.includes(path));
  if (before.length === 0) return new Set();
  const now = await seenNow(
    source,
    before.map(({ path }) => path),
  );
  const others = now.filter((file) => before.some((then) => isAnother(then, file)));
  const changed = await lostFrom(source, before, now);
  return new Set([...others, ...changed].map(({ path }) => path));
}
