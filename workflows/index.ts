/** What Temporal's workflow bundle exports: the runbooks, and the upkeep of hosts. */
export { coldMigration } from './runbooks/cold-migration.js';
export { liveMigration } from './runbooks/live-migration.js';
export { auditFleet, discoverHost, enforceSecurityGroups } from './upkeep/hosts.js';
