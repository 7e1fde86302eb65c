/** What somebody else has taken from the source before the move has removed it there. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';

/** A file under the name that it should have now, and the one that it had before it was set aside. */
interface Expected {
  readonly path: HostPath;
  readonly before: HostPath;
}

/**
 * Files that are not there any more, in words. To be asked before the definition is removed, which goes first: without it an earlier
 * attempt of the same step may have removed them, and nothing is said.
 */
export async function goneFrom(
  source: HostDrivers,
  { uuid, source: host }: Route,
  expected: readonly Expected[],
): Promise<string[]> {
  if (!(await source.hypervisor.find(uuid))) return [];
  const names = expected.flatMap(({ path, before }) => [path, before]);
  const there = new Set(await source.storage.files.existing([...new Set(names)]));
  const gone = new Map(
    expected.filter(({ path }) => !there.has(path)).map(({ path, before }) => [path, before]),
  );
  return [...gone].map(([path, before]) => {
    const renamed = there.has(before)
      ? `${host} has it as ${before}, where it stays; remove it there if nobody needs it`
      : 'if somebody has renamed it, it lies there still, with what the guest had on it';
    return `${path} was not on ${host} any more: this move has not removed it; ${renamed}`;
  });
}
