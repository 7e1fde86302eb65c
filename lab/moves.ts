import type { Migration } from '../client/migration.js';
import { until } from './observer.js';

/** Until bytes flow: the middle of a transfer or a copy. */
export const untilSending = (migration: Migration): Promise<void> =>
  until(
    async () => ((await migration.progress()).transfer?.processedBytes ?? 0) > 0,
    'the first bytes',
  );

/** Until a part of the memory is on each host. */
export const untilPostCopy = (migration: Migration): Promise<void> =>
  until(
    async () => (await migration.progress()).transfer?.isPostCopy ?? false,
    'the switch to post-copy',
    60_000,
    100,
  );
