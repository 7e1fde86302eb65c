/** Before copies are removed: what they were made from is still there. */
import { CodedError } from '../../model/errors.js';
import { asideOf, fileOf, setAsidesOf, type DiskPlan } from '../../model/storage.js';
import type { HostPath } from '../../model/ids.js';
import type { CopyOrder } from '../../drivers/interfaces/copy.js';
import type { Ends } from '../guest/location.js';
import { copiedOf, type Copies } from './orders.js';

/**
 * Somebody may have removed or damaged what was set aside while the move waited: then the copy is the last one, and stays.
 * @throws SOURCE_STALE
 */
export async function requireWayBack(
  { source, target }: Ends,
  input: Copies,
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

/** What is wrong with the source's image, under whichever of its names it has now. */
async function lossOf(
  { storage: { files } }: Ends['source'],
  { disks, route }: Copies,
  disk: DiskPlan,
): Promise<string | undefined> {
  const path = fileOf(disk);
  if (path === undefined) return undefined;
  const names: HostPath[] = [...new Set([path, asideOf(path, setAsidesOf(disks, route))])];
  const [there] = await files.existing(names);
  if (there === undefined) return `is not there any more (${names.join(', ')})`;
  const [chain] = await files.chains([{ path: there, format: disk.format }]);
  const [top] = chain?.layers ?? [];
  if (!top) return `cannot be opened any more (${there}: ${chain?.problem ?? 'unknown'})`;
  const wanted = disk.inspection.capacityBytes;
  return top.capacityBytes < wanted
    ? `has ${top.capacityBytes} bytes instead of ${wanted} (${there})`
    : undefined;
}
