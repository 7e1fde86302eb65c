/** Every step's code, and the function that makes a worker's activities of it. */
import { precopyActivity } from './copy/precopy.js';
import { prepareFoldersActivity } from './copy/prepare.js';
import { detachSourceActivity, setAsideActivity } from './copy/set-aside.js';
import { flattenActivity, transferDisksActivity } from './copy/transfer.js';
import { persistActivity } from './definition/persist.js';
import { renderActivity } from './definition/render.js';
import { confirmActivity, discardSourceActivity } from './guest/confirm.js';
import { powerOffActivity } from './guest/power-off.js';
import {
  defineTargetActivity,
  rebindActivity,
  startTargetActivity,
  verifyActivity,
} from './guest/target.js';
import { auditActivity } from './audit/audit.js';
import { discoverActivity } from './inventory/discover.js';
import { enforceGroupsActivity } from './inventory/enforce-groups.js';
import { recordActivity } from './inventory/record.js';
import { toActivities, type Activity } from './kit/activities.js';
import type { Deps, Implementation } from './kit/implement.js';
import { activateTargetActivity } from './network/activate-target.js';
import { bindTargetActivity } from './network/bind-target.js';
import { releaseSourceActivity } from './network/release-source.js';
import { authoriseActivity } from './request/authorise.js';
import { lookupActivity } from './request/lookup.js';
import { previewActivity } from './request/preview.js';
import { previewColdActivity } from './request/preview-cold.js';
import { destroySourceActivity } from './source/destroy.js';
import { connectVolumesActivity } from './storage/connect-volumes.js';
import { disconnectVolumesActivity } from './storage/disconnect-volumes.js';
import { precheckStorageActivity } from './storage/precheck.js';
import { prepareDisksActivity } from './storage/prepare-disks.js';
import { claimActivity } from './target/claim.js';
import { precheckTargetActivity } from './target/precheck.js';
import { scheduleActivity } from './target/schedule.js';
import { locateActivity } from './transfer/locate.js';
import { settleOnTargetActivity } from './transfer/settle.js';
import { transferActivity } from './transfer/run.js';

/** All implementations, in the order of the procedure. */
export const IMPLEMENTATIONS: readonly Implementation[] = [
  authoriseActivity,
  lookupActivity,
  scheduleActivity,
  claimActivity,
  precheckStorageActivity,
  precheckTargetActivity,
  bindTargetActivity,
  connectVolumesActivity,
  prepareDisksActivity,
  renderActivity,
  previewActivity,
  previewColdActivity,
  transferActivity,
  locateActivity,
  settleOnTargetActivity,
  activateTargetActivity,
  persistActivity,
  disconnectVolumesActivity,
  releaseSourceActivity,
  destroySourceActivity,
  recordActivity,
  prepareFoldersActivity,
  precopyActivity,
  powerOffActivity,
  detachSourceActivity,
  setAsideActivity,
  flattenActivity,
  transferDisksActivity,
  defineTargetActivity,
  startTargetActivity,
  rebindActivity,
  verifyActivity,
  confirmActivity,
  discardSourceActivity,
  auditActivity,
  discoverActivity,
  enforceGroupsActivity,
];

/** The activities by name, built once per worker. */
export const createActivities = (deps: Deps): Record<string, Activity> =>
  toActivities(IMPLEMENTATIONS, deps);
