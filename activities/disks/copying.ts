/** Copies from host to host, and their end. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { CopyOrder } from '../../drivers/interfaces/copy.js';
import type { Route } from '../../model/route.js';
import type { StepContext } from '../kit/implement.js';
import { copyMeter } from './meter.js';
import type { Fleet } from '../host/elsewhere.js';
import { removeUnused } from './made.js';

/** One after the other: the link is the limit. Returns the bytes. */
export async function copyAll(
  { storage }: HostDrivers,
  orders: readonly CopyOrder[],
  context: StepContext,
): Promise<number> {
  const meter = copyMeter(orders, context);
  for (const order of orders) {
    await storage.copier.copy(order, context.signal, meter.of(order));
    meter.done(order);
  }
  return orders.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Ends what still runs of copies, and removes what arrived. @returns what stays, with who uses it */
export async function removeCopies(
  fleet: Fleet,
  target: HostDrivers,
  orders: readonly CopyOrder[],
  route: Route,
): Promise<string[]> {
  for (const order of orders) await target.storage.copier.cleanUp(order);
  const made = orders.map(({ to }) => to);
  return made.length > 0 ? removeUnused(fleet, target, route, made) : [];
}
