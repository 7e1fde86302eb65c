/** `disks.flatten` and `disks.transfer` with their undos. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { CopyOrder } from '../../drivers/interfaces/copy.js';
import { CodedError } from '../../model/errors.js';
import type { Route } from '../../model/migration.js';
import { folderOf, reversed } from '../../model/storage.js';
import { flatten, transferDisks } from '../../workflows/steps/disks.js';
import { endsOf, implement, type StepContext } from '../kit/implement.js';
import { refuseIfOnTarget } from '../guest/location.js';
import { copyMeter } from './meter.js';
import { removeUnused } from './prepare-target.js';
import {
  deltaOrdersOf,
  flattenedOf,
  movesOf,
  ordersOf,
  overlaysOf,
  type Copies,
} from './orders.js';
import { carryState, removeState } from './state.js';

/** C3. The flat image lies beside what was set aside, and goes with it. */
export const flattenActivity = implement(flatten, (deps) => ({
  async run(input, { signal }) {
    const { source } = await endsOf(deps, input.route);
    for (const { disk, chain, flat } of flattenedOf(input)) {
      const { freeBytes } = await source.storage.files.room(folderOf(flat));
      if (freeBytes < disk.inspection.capacityBytes) {
        throw new CodedError(
          'SOURCE_DISK_FULL',
          `flattening ${disk.device} may need ${disk.inspection.capacityBytes} bytes, ${input.route.source} has ${freeBytes}`,
          { hint: 'Ask for --copy nbd: it flattens on its way and needs no room on the source.' },
        );
      }
      await source.storage.copier.flatten(chain, flat, signal);
    }
    return {};
  },
  async undo(input) {
    const { source } = await endsOf(deps, input.route);
    const flats = flattenedOf(input).map(({ flat }) => flat);
    if (flats.length > 0) await source.storage.files.remove(flats);
  },
}));

/** C4. After a warm copy only the overlays are left to bring, and to write into what is there. */
export const transferDisksActivity = implement(transferDisks, (deps) => ({
  async run(input, context) {
    const { source, target } = await endsOf(deps, input.route);
    const moves = movesOf(input);
    if (moves.length > 0) await target.storage.files.rename(moves.map(reversed));
    const orders = input.isWarm ? deltaOrdersOf(input) : ordersOf(input, true);
    await refuseNewHolds(source, input, orders);
    const copiedBytes = await copyAll(target, orders, context);
    await carryState({ source, target }, input.route, input.state, context);
    for (const { overlay, base, format } of input.isWarm ? overlaysOf(input) : [])
      await target.storage.files.absorb(overlay, base, format);
    return { copiedBytes, verified: orders.map(({ device }) => device) };
  },
  async undo(input) {
    const { route } = input;
    const { target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    const orders = input.isWarm ? deltaOrdersOf(input) : ordersOf(input, true);
    await removeState(target, route, input.state);
    await removeCopies(target, orders, route);
    const moves = movesOf(input);
    if (moves.length > 0) await target.storage.files.rename(moves);
  },
}));

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

/** Ends what still runs of copies, and removes what arrived. */
export async function removeCopies(
  target: HostDrivers,
  orders: readonly CopyOrder[],
  route: Route,
): Promise<void> {
  for (const order of orders) await target.storage.copier.cleanUp(order);
  const made = orders.map(({ to }) => to);
  if (made.length > 0) await removeUnused(target, route, made);
}

/** A snapshot that was made since the checks would be lost by a copy of what the guest sees. @throws SOURCE_STALE */
async function refuseNewHolds(
  { storage, host }: HostDrivers,
  { disks }: Copies,
  orders: readonly CopyOrder[],
): Promise<void> {
  const seen = orders.filter(({ way }) => way === 'nbd').flatMap(({ chain }) => chain.slice(0, 1));
  const chains = seen.length > 0 ? await storage.files.chains(seen) : [];
  const holds = chains.flatMap(({ layers }) => layers[0]?.holds ?? []);
  if (holds.length === 0) return;
  throw new CodedError(
    'SOURCE_STALE',
    `${disks.map(({ device }) => device).join(', ')} on ${host.name}: ${holds.join(', ')} was made since the checks, and this copy would drop it`,
    { hint: 'Start the move anew: it then takes the file as it is.' },
  );
}
