/** Every step's code. */
import { precopyActivity } from './disks/precopy.js';
import { prepareFoldersActivity } from './disks/prepare-copy.js';
import { setAsideActivity } from './directory/set-aside.js';
import { detachSourceActivity } from './volumes/detach-source.js';
import { transferDisksActivity } from './disks/transfer.js';
import { flattenActivity } from './disks/flatten.js';
import { persistActivity } from './definition/persist.js';
import { renderActivity } from './definition/render.js';
import { confirmActivity } from './guest/confirm.js';
import { confirmChangedActivity } from './guest/confirm-changed.js';
import { discardSourceActivity } from './source/discard.js';
import { powerOffActivity } from './guest/power-off.js';
import { startTargetActivity } from './guest/start.js';
import { verifyActivity } from './guest/verify.js';
import { rebindActivity } from './network/rebind.js';
import { defineTargetActivity } from './definition/define.js';
import { auditActivity } from './fleet/audit.js';
import { checkHostActivity } from './host/check.js';
import { forgetActivity } from './host/forget.js';
import { discoverActivity } from './host/discover.js';
import { enforceGroupsActivity } from './host/enforce-groups.js';
import { carrySecretsActivity } from './secrets/carry-to-target.js';
import { keepSecretsActivity } from './secrets/keep-on-target.js';
import { recordActivity } from './inventory/record.js';
import { activateTargetActivity } from './network/activate-target.js';
import { bindTargetActivity } from './network/bind-target.js';
import { releaseSourceActivity } from './network/release-source.js';
import { authoriseActivity } from './request/authorise.js';
import { lookupActivity } from './vm/lookup.js';
import { destroySourceActivity } from './source/destroy.js';
import { connectVolumesActivity } from './volumes/connect-target.js';
import { disconnectVolumesActivity } from './volumes/disconnect-source.js';
import { precheckStorageActivity } from './storage/precheck.js';
import { prepareDisksActivity } from './disks/prepare-target.js';
import { claimActivity } from './target/claim.js';
import { precheckTargetActivity } from './target/precheck.js';
import { scheduleActivity } from './target/schedule.js';
import { locateActivity } from './guest/locate.js';
import { settleOnTargetActivity } from './guest/settle-on-target.js';
import { transferActivity } from './transfer/run.js';
import { storeGroupsActivity } from './groups/store.js';
import { registerActivity } from './host/register.js';
import { permitActivity } from './request/permit.js';
import { permitDecisionActivity } from './request/permit-decision.js';
import { resolveActivity } from './vm/resolve.js';
import type { Implementation } from './kit/implement.js';

/** In the order of the procedure. */
export const PROCEDURE: readonly Implementation[] = [
  authoriseActivity,
  lookupActivity,
  scheduleActivity,
  claimActivity,
  precheckStorageActivity,
  precheckTargetActivity,
  bindTargetActivity,
  carrySecretsActivity,
  connectVolumesActivity,
  prepareDisksActivity,
  renderActivity,
  transferActivity,
  locateActivity,
  settleOnTargetActivity,
  confirmChangedActivity,
  activateTargetActivity,
  persistActivity,
  keepSecretsActivity,
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
  forgetActivity,
  checkHostActivity,
  enforceGroupsActivity,
  permitActivity,
  permitDecisionActivity,
  registerActivity,
  storeGroupsActivity,
  resolveActivity,
];
