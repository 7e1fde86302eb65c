/** All that a worker runs: every step, and the dry run that asks the steps. */
import { toActivities, type Activity } from './kit/activities.js';
import type { Deps, Implementation } from './kit/implement.js';
import { previewColdActivity } from './plan/preview-cold.js';
import { previewActivity } from './plan/preview.js';
import { PROCEDURE } from './procedure.js';

/** All implementations. */
export const IMPLEMENTATIONS: readonly Implementation[] = [
  ...PROCEDURE,
  previewActivity,
  previewColdActivity,
];

/** The activities by name, built once per worker. */
export const createActivities = (deps: Deps): Record<string, Activity> =>
  toActivities(IMPLEMENTATIONS, deps);
