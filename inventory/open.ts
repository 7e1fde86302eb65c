/** Finds the inventory that the configuration means. */
import { join } from 'node:path';
import type { Config } from '../temporal.config.js';
import { openPostgres } from './database.js';
import { createInventory, type Inventory } from './inventory.js';
import { remoteInventory } from './remote.js';

/** An inventory, and what ends its connections. */
export interface OpenInventory {
  readonly inventory: Inventory;
  close(): Promise<void>;
}

/** Where `drover up` answers for its embedded inventory. */
export const inventorySocket = (home: string): string => join(home, 'inventory.sock');

/** PostgreSQL by DATABASE_URL, else the embedded inventory of the running `drover up`. */
export async function openInventory(config: Config): Promise<OpenInventory> {
  if (!config.databaseUrl) {
    return {
      inventory: remoteInventory(inventorySocket(config.home)),
      close: () => Promise.resolve(),
    };
  }
  const database = await openPostgres(config.databaseUrl);
  return { inventory: createInventory(database.db), close: database.close };
}
