/** The inventory's tables. Documents are zod schemas of model/; columns are what is asked for in SQL. */
import { bigint, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** Registered hosts, and what was last seen on each. */
export const hosts = pgTable('hosts', {
  name: text().primaryKey(),
  doc: jsonb().notNull(),
  facts: jsonb(),
  seenAt: timestamp('seen_at', { withTimezone: true }),
});

/** VMs as they were last seen, with their whole XML for hosts that die. */
export const vms = pgTable('vms', {
  uuid: text().primaryKey(),
  name: text().notNull(),
  host: text()
    .notNull()
    .references(() => hosts.name),
  memoryBytes: bigint('memory_bytes', { mode: 'number' }).notNull(),
  vcpus: integer().notNull(),
  doc: jsonb().notNull(),
  xml: text().notNull(),
  seenAt: timestamp('seen_at', { withTimezone: true }).notNull(),
});

/** What open migrations reserved on their targets. */
export const claims = pgTable('claims', {
  migrationId: text('migration_id').primaryKey(),
  /** One open migration a VM, whatever it was called by. */
  vm: text().notNull().unique(),
  host: text()
    .notNull()
    .references(() => hosts.name),
  memoryBytes: bigint('memory_bytes', { mode: 'number' }).notNull(),
  vcpus: integer().notNull(),
  diskBytes: bigint('disk_bytes', { mode: 'number' }).notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

/** Security groups by name. */
export const securityGroups = pgTable('security_groups', {
  name: text().primaryKey(),
  doc: jsonb().notNull(),
});

/** Requests that were taken, by the digest of their sealed payload: none is taken twice. */
export const requests = pgTable('requests', {
  seal: text().primaryKey(),
  runId: text('run_id').notNull(),
  takenAt: timestamp('taken_at', { withTimezone: true }).notNull().defaultNow(),
});
