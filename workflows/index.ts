/** What Temporal's workflow bundle exports: one workflow type a runbook, and the inventory's two helpers. */
export { liveMigration } from './live-migration.js';
