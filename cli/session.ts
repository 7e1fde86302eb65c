/** Opens what a command needs, a client of drover or the inventory, and always closes it again. */
import { accessFrom } from '../client/access.js';
import { connectDrover, type Drover } from '../client/drover.js';
import type { Inventory } from '../inventory/inventory.js';
import { openInventory } from '../inventory/open.js';
import { config } from '../temporal.config.js';

/** Runs `work` with a connection to Temporal. */
export async function withDrover<T>(work: (drover: Drover) => Promise<T>): Promise<T> {
  const drover = await connectDrover({
    ...config.temporal,
    ...(await accessFrom(config.temporal)),
  });
  try {
    return await work(drover);
  } finally {
    await drover.close();
  }
}

/** What a command may read by itself. Whatever changes something is a runbook, through the client. */
type Known = Pick<Inventory, 'hosts' | 'host' | 'vms' | 'vm' | 'claims' | 'groups'>;

/** Runs `work` with what drover knows. */
export async function withInventory<T>(work: (known: Known) => Promise<T>): Promise<T> {
  const { inventory, close } = await openInventory(config);
  try {
    return await work(inventory);
  } finally {
    await close();
  }
}
