/** Before copies are removed: what they were made from is still there. */
import { CodedError } from '../../model/errors.js';
import { asideOf, fileOf, setAsidesOf, type DiskPlan } from '../../model/storage.js';
import type { HostPath } from '../../model/ids.js';
import type { CopyOrder } from '../../drivers/interfaces/copy.js';
import type { Arrived } from '../../model/arrived.js';
import type { Route } from '../../model/route.js';
import { changedSince, seenNow } from '../guest/arrived.js';
import type { Ends } from '../guest/location.js';
import { overlayOf } from '../../model/copy.js';
import { copiedOf, warmOrdersOf, type Copies } from './orders.js';
import { stateFilesOf } from './state.js';

/**
 * Somebody may have removed or damaged what was set aside while the move waited: then the copy is the last one, and stays.
 * @throws SOURCE_STALE
 */
export async function requireWayBack(
  { source, target }: Ends,
  input: Copies & { readonly left: readonly Arrived[] },
  orders: readonly CopyOrder[],
): Promise<void> {
  const { route } = input;
  // After a warm copy the orders are of what was brought last.
  const made = [...new Set([...orders, ...warmOrdersOf(input)].map(({ to }) => to))];
  if (made.length === 0 || (await target.storage.files.owned(made, route.migrationId)).length === 0)
    return;
  for (const disk of copiedOf(input)) {
    const why = await lossOf(source, input, disk);
    if (why === undefined) continue;
    // Whatever is answered, and whichever undo comes next: nobody takes it for a copy of his own any more.
    await target.storage.files.keep(made);
    throw new CodedError(
      'SOURCE_STALE',
      `${disk.device} of ${route.name} on ${route.source} ${why}: its copy on ${route.target} is the last one, and stays`,
      {
        hint: `Bring the file back on ${route.source} and retry; the copy is ${made.join(', ')} on ${route.target}, and drover removes it no more. If you skip, the guest goes back to what is on ${route.source}, as it is, and starts from that.`,
        facts: { disk: disk.device },
      },
    );
  }
}

/**
 * The same for what a TPM has: it is not set aside, and small.
 * @returns whether what is on the target may go: once it was told that it is the last one, it stays
 * @throws SOURCE_STALE
 */
export async function requireStateBack(
  { source, target }: Ends,
  { name, source: from, target: to, migrationId }: Route,
  { state, left }: { readonly state: readonly HostPath[]; readonly left: readonly Arrived[] },
): Promise<boolean> {
  const { files } = target.storage;
  const copies = await stateFilesOf(target, state);
  if (copies.length === 0) return true;
  const mine = await files.owned(copies, migrationId);
  if (mine.length === 0) return false;
  const there = await source.storage.files.look(mine);
  const gone = there.filter(({ kind, sizeBytes }) => kind !== 'file' || sizeBytes === 0);
  const changed = await changedAmong(source, left, await stateFilesOf(source, state));
  const lost = [...new Set([...gone, ...changed].map(({ path }) => path))];
  if (lost.length === 0) return true;
  await files.keep(mine);
  throw new CodedError(
    'SOURCE_STALE',
    `the TPM’s state of ${name} is not on ${from} any more as it was (${lost.join(', ')}): its copy on ${to} is the last one, and stays`,
    {
      hint: `Bring it back on ${from} (${state.join(', ')} on ${to} has it) and retry. If you skip, the guest goes back to what is there.`,
    },
  );
}

/** Files that a revert goes back to: each copied disk where it was set aside, and what a warm copy put over it. */
export function waysBackOf(input: Copies, all: readonly DiskPlan[] = input.disks): HostPath[] {
  const asides = setAsidesOf(all, input.route);
  return copiedOf(input)
    .flatMap((disk) => fileOf(disk) ?? [])
    .flatMap((path) => [path, overlayOf(path, input.route.migrationId)])
    .map((path) => asideOf(path, asides));
}

/** Of these files, those that are not as they were; one that was not seen then, or is not there now, is none. */
async function changedAmong(
  source: Ends['source'],
  left: readonly Arrived[],
  paths: readonly HostPath[],
): Promise<Arrived[]> {
  const before = left.filter(({ path }) => paths.includes(path));
  const now = await seenNow(
    source,
    before.map(({ path }) => path),
  );
  return changedSince(before, now);
}

/** What is wrong with the source's image, under whichever of its names it has now. */
async function lossOf(
  source: Ends['source'],
  { disks, route, left, copies }: Copies & { readonly left: readonly Arrived[] },
  disk: DiskPlan,
): Promise<string | undefined> {
  const { files } = source.storage;
  const path = fileOf(disk);
  if (path === undefined) return undefined;
  // What was set aside comes first: under its old name there may be somebody else's by now.
  const names: HostPath[] = [...new Set([asideOf(path, setAsidesOf(disks, route)), path])];
  const [there] = await files.existing(names);
  if (there === undefined) return `is not there any more (${names.join(', ')})`;
  const [chain] = await files.chains([{ path: there, format: disk.format }]);
  const [top] = chain?.layers ?? [];
  if (!top) return `cannot be opened any more (${there}: ${chain?.problem ?? 'unknown'})`;
  const asides = waysBackOf({ disks: [disk], route, copies }, disks);
  const [changed] = await changedAmong(source, left, asides);
  if (changed) return `was changed, or is another file, since it was set aside (${changed.path})`;
  const wanted = disk.inspection.capacityBytes;
  return top.capacityBytes < wanted
    ? `has ${top.capacityBytes} bytes instead of ${wanted} (${there})`
    : undefined;
}
