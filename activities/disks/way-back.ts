/** Before copies are removed: what they were made from is still there. */
import { CodedError } from '../../model/errors.js';
import { asideOf, fileOf, setAsidesOf, type DiskPlan } from '../../model/storage.js';
import type { HostPath } from '../../model/ids.js';
import type { CopyOrder } from '../../drivers/interfaces/copy.js';
import type { Arrived } from '../../model/arrived.js';
import type { Route } from '../../model/route.js';
import { isWrittenSince, seenNow } from '../guest/arrived.js';
import type { Ends } from '../guest/location.js';
import { copiedOf, type Copies } from './orders.js';
import { stateFilesIn } from './state.js';

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
  const made = orders.map(({ to }) => to);
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
        hint: `Bring the file back on ${route.source} and retry; the copy is ${made.join(', ')} on ${route.target}, and drover removes it no more.`,
        facts: { disk: disk.device },
      },
    );
  }
}

/** The same for what a TPM has: it is not set aside, and small. @throws SOURCE_STALE */
export async function requireStateBack(
  { source, target }: Ends,
  { name, source: from, target: to, migrationId }: Route,
  folders: readonly HostPath[],
): Promise<void> {
  for (const folder of folders) {
    const copies = await stateFilesIn(target, folder);
    const mine = copies.length > 0 ? await target.storage.files.owned(copies, migrationId) : [];
    const there = mine.length > 0 ? await source.storage.files.look(mine) : [];
    const lost = there.filter(({ kind, sizeBytes }) => kind !== 'file' || sizeBytes === 0);
    if (lost.length === 0) continue;
    await target.storage.files.keep(mine);
    throw new CodedError(
      'SOURCE_STALE',
      `the TPM’s state of ${name} is not on ${from} any more (${lost.map(({ path }) => path).join(', ')}): its copy on ${to} is the last one, and stays`,
      { hint: `Bring it back on ${from} (${folder} on ${to} has it) and retry.` },
    );
  }
}

/** What is wrong with the source's image, under whichever of its names it has now. */
async function lossOf(
  source: Ends['source'],
  { disks, route, left }: Copies & { readonly left: readonly Arrived[] },
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
  const before = left.find((file) => file.path === there);
  const [now] = before ? await seenNow(source, [before.path]) : [];
  if (before && now && (now.inode !== before.inode || isWrittenSince(before, now)))
    return `was written to, or is another file, since it was set aside (${there})`;
  const wanted = disk.inspection.capacityBytes;
  return top.capacityBytes < wanted
    ? `has ${top.capacityBytes} bytes instead of ${wanted} (${there})`
    : undefined;
}
