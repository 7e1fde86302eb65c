/** Meeting a migration in its middle. */
import type { Migration } from '../api/client.js';
import { until } from './observer.js';

/** Until bytes flow: the middle of a transfer or a copy. */
export const untilSending = (migration: Migration): Promise<void> =>
  until(
    async () => ((await migration.progress()).transfer?.processedBytes ?? 0) > 0,
    'the first bytes',
    15_000,
  );
