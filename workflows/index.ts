/** What Temporal's workflow bundle exports: the runbooks, and the upkeep of hosts. */
export { coldMigration } from './cold-migration.js';
export { liveMigration } from './live-migration.js';
export { auditFleet, discoverHost, enforceSecurityGroups } from './host-upkeep.js';
