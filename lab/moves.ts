import type { Migration, Watched } from '../client/migration.js';
import { until } from './observer.js';

/** A move that has ended says how, and who waits for its middle waits in vain. */
async function inTheMiddle(
  migration: Migration,
  isThere: (seen: Watched) => boolean,
  what: string,
  everyMs?: number,
): Promise<void> {
  let seen: Watched | undefined;
  await until(
    async () => {
      seen = await migration.progress();
      return isThere(seen) || ENDED.has(seen.state);
    },
    () => `${what}; ${doing(seen)}`,
    60_000,
    everyMs,
  );
  if (!seen || !isThere(seen)) throw new Error(`never came to ${what}; ${doing(seen)}`);
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'rolled-back', 'reverted', 'refused']);

/** Until bytes flow: the middle of a transfer or a copy. */
export const untilSending = (migration: Migration): Promise<void> =>
  inTheMiddle(migration, ({ transfer }) => (transfer?.processedBytes ?? 0) > 0, 'the first bytes');

/** Until a part of the memory is on each host. */
export const untilPostCopy = (migration: Migration): Promise<void> =>
  inTheMiddle(
    migration,
    ({ transfer }) => transfer?.isPostCopy ?? false,
    'the switch to post-copy',
    100,
  );

/** For who gave up on it. */
export function doing(seen: Watched | undefined): string {
  if (!seen) return 'it does not answer';
  if (seen.hold) return `held at ${seen.hold.step}: ${seen.hold.message}`;
  const step = seen.steps.find(({ state }) => state === 'running' || state === 'undoing');
  const what = step ?? seen.steps.findLast(({ state }) => state !== 'pending');
  return `${seen.state}: ${what?.state ?? 'no step'} ${what?.name ?? ''}: ${seen.transfer?.trouble ?? 'no trouble'}`;
}
