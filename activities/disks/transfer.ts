/** `disks.transfer` and its undo. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { CopyOrder } from '../../drivers/interfaces/copy.js';
import { CodedError } from '../../model/errors.js';
import { present } from '../../model/defined.js';
import type { HostPath } from '../../model/ids.js';
import { isVariables, reversed } from '../../model/storage.js';
import { transferDisks } from '../../workflows/steps/disks.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../guest/location.js';
import { knownFreeRenames } from '../host/free.js';
import {
  copiedOf,
  deltaOrdersOf,
  movesOf,
  ordersOf,
  arrivedOverlaysOf,
  type Copies,
} from './orders.js';
import { relistOnTarget } from './pools.js';
import { carryState, removeState } from './state.js';
import { copyAll, removeCopies } from './copying.js';
import { requireWayBack, stayingOf } from './way-back.js';

const GIVEN = 'directory.setAside has asked, and given these names';

/** C4. After a warm copy only the overlays are left to bring, and to write into what is there. */
export const transferDisksActivity = implement(transferDisks, (deps) => ({
  async run(input, context) {
    const { source, target } = await endsOf(deps, input.route);
    const back = knownFreeRenames(movesOf(input).map(reversed), GIVEN);
    if (back.length > 0) await target.storage.files.rename(back);
    const orders = input.isWarm ? deltaOrdersOf(input) : ordersOf(input, true);
    await refuseNewHolds(source, input, orders);
    const copiedBytes = await copyAll(target, orders, context);
    await carryState({ source, target }, input.route, input.state, context);
    for (const { overlay, base, format } of input.isWarm ? arrivedOverlaysOf(input) : [])
      await target.storage.files.absorb(overlay, base, format);
    return { copiedBytes, verified: orders.map(({ device }) => device) };
  },
  async undo(input) {
    const { route } = input;
    const { source, target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    const orders = input.isWarm ? deltaOrdersOf(input) : ordersOf(input, true);
    // What is the last copy has lost its marks by then, and nothing without one is removed.
    await requireWayBack({ source, target }, input);
    const kept = await removeState(deps, target, route, input.state);
    kept.push(...(await removeCopies(deps, target, orders, route)));
    kept.push(...(await stayingOf({ source, target }, input)));
    await relistOnTarget(target, input.disks);
    const moves = knownFreeRenames(movesOf(input), 'the guest that has them is this one, and off');
    if (moves.length > 0) await target.storage.files.rename(moves);
    return [...kept, ...olderState(input)];
  },
  describe: (planned) => [
    ...movesOf(planned).map(({ from, to }) => `mv ${to} ${from}`),
    ...ordersOf(planned, true).map(lineOf),
  ],
}));

/** A disk on shared storage has what the guest wrote on the target; what was copied beside it has not. */
function olderState(input: Copies & { readonly state: readonly HostPath[] }): string[] {
  const older = present([
    input.state.length > 0 ? 'TPM' : undefined,
    copiedOf(input).some(isVariables) ? 'UEFI variables' : undefined,
  ]);
  if (older.length === 0 || movesOf(input).length === 0) return [];
  const { name, source, target } = input.route;
  return [
    `the ${older.join(' and ')} of ${name} on ${source}: as before the move; its disks on shared storage have what it wrote on ${target}`,
  ];
}

const lineOf = ({ device, way, chain, to, bytes }: CopyOrder): string =>
  way === 'nbd'
    ? `qemu-nbd ${chain.map(({ path }) => path).join(' over ')}, qemu-img convert to ${to}: ${device}, at most ${bytes} bytes`
    : `qemu-nbd ${chain[0]?.path ?? ''} as the file that it is, to ${to}: ${device}, at most ${bytes} bytes`;

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
    { hint: 'Start the move again: it then takes the file as it is.' },
  );
}
