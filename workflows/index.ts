/** What Temporal's workflow bundle exports: the runbooks, and the upkeep of hosts. */
export { coldMigration } from './runbooks/cold-migration.js';
export { applyGroups } from './runbooks/apply-groups.js';
export { checkHost } from './runbooks/check-host.js';
export { removeHost } from './runbooks/remove-host.js';
export { registerHost } from './runbooks/register-host.js';
export { liveMigration } from './runbooks/live-migration.js';
export { auditFleet, discoverHost, enforceSecurityGroups, resolveVm } from './upkeep/hosts.js';
