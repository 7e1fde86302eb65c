/** Opens the inventory's database: PostgreSQL by URL or socket, or PGlite in this process. */
import { PGlite } from '@electric-sql/pglite';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres';
import { migrate as migratePg } from 'drizzle-orm/node-postgres/migrator';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';

/** Either driver, seen through drizzle. */
export type Database = PgDatabase<PgQueryResultHKT>;

/** An open database; `close` ends its connections. */
export interface OpenDatabase {
  readonly db: Database;
  close(): Promise<void>;
}

/** Opens PostgreSQL (or a PGlite that another process serves) and brings its tables up to date. */
export async function openPostgres(url: string): Promise<OpenDatabase> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // An idle connection that breaks is replaced; if the server is gone, the next query fails.
  pool.on('error', () => undefined);
  const db = drizzlePg(pool);
  try {
    await migratePg(db, { migrationsFolder: migrationsFolder() });
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { db, close: () => pool.end() };
}

/** Opens PGlite on a folder, or in memory without one. One process only. */
export async function openEmbedded(
  folder?: string,
): Promise<OpenDatabase & { readonly pglite: PGlite }> {
  const pglite = await PGlite.create(folder ? { dataDir: folder } : {});
  const db = drizzlePglite(pglite);
  await migratePglite(db, { migrationsFolder: migrationsFolder() });
  return { db, pglite, close: () => pglite.close() };
}

/** The migrations are in the package's root, also when this runs from the build. */
function migrationsFolder(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'inventory', 'migrations');
    if (existsSync(join(candidate, 'meta', '_journal.json'))) return candidate;
  }
  throw new Error('drover’s database migrations are missing from this installation');
}
