/** Before anything of the target is taken: what the guest goes back to is still there. */
import { CodedError } from '../../model/errors.js';
import {
  asideOf,
  deviceInto,
  fileOf,
  isVariables,
  setAsidesOf,
  type DiskPlan,
} from '../../model/storage.js';
import type { HostPath } from '../../model/ids.js';
import type { Arrived } from '../../model/arrived.js';
import { present } from '../../model/defined.js';
import type { Route } from '../../model/route.js';
import { lostSince, seenNow } from '../guest/arrived.js';
import { isActive } from '../../model/vm.js';
import type { Ends } from '../guest/location.js';
import { overlayOf } from '../../model/overlay.js';
import { arrivedOverlaysOf, copiedOf, ordersOf, type Copies } from './orders.js';
import { stateFilesOf } from './state.js';
import { deviceLoss } from './way-back-devices.js';

/** What is asked: what was copied, the TPM's folders, and what was left on the source, as it was then. */
export interface WayBack extends Copies {
  readonly state: readonly HostPath[];
  readonly left: readonly Arrived[];
}

/** A person has said that the guest goes back to what there is. */
const isSaid = ({ skipped = [] }: Route): boolean => skipped.includes('SOURCE_STALE');

/**
 * Somebody may have removed or changed what was set aside while the move waited: then what is on the target is the last copy, and
 * stays, until what is missing is back, or for good once a person has skipped this.
 * @returns whether what is on the target may go
 * @throws SOURCE_STALE
 */
export async function requireWayBack({ source, target }: Ends, input: WayBack): Promise<boolean> {
  const { route } = input;
  const copies = await copiesThere(target, input);
  if (copies.length === 0) return true;
  const lost = await lossesOf({ source, target }, input);
  if (lost.length === 0) return true;
  // Whichever undo or audit comes next: nobody takes them for copies of which there is another.
  await keepLast(target, input, copies);
  if (isSaid(route)) return false;
  throw new CodedError(
    'SOURCE_STALE',
    `${lost.join('; ')}: its copy on ${route.target} is the last one, and stays`,
    {
      hint: `Bring it back on ${route.source} with its times (mv, cp -p) and retry: ${copies.join(', ')} on ${route.target} are what it was copied to, and drover removes them no more. If you skip, the guest goes back to what is on ${route.source}, as it is, and starts from that.`,
      facts: { copies },
    },
  );
}

/** What stays on the target of what this move has brought: it was said to be the last copy. */
export async function stayingOf({ target }: Ends, input: WayBack): Promise<string[]> {
  const { route } = input;
  const copies = await copiesThere(target, input);
  const devices = await takenOn(target, input);
  const last = devices.flatMap(({ path, isLast }) => (isLast ? [path] : []));
  if (copies.length > 0) last.push(...(await target.storage.files.last(copies, route.migrationId)));
  return last.map(
    (path) =>
      `${path} on ${route.target} stays: it was the last copy when the guest went back. Compare it with ${route.source}, and remove it if nobody needs it, nor an image that lies over it; drover audit says how.`,
  );
}

/** The disks, what a warm copy brought last, and the TPM's files, as far as they are there. */
async function copiesThere(target: Ends['target'], input: WayBack): Promise<HostPath[]> {
  const orders = ordersOf(input, true);
  const taken = await takenOn(target, input);
  const made = [
    ...orders.filter(({ isIntoDevice }) => !isIntoDevice).map(({ to }) => to),
    ...arrivedOverlaysOf(input).map(({ overlay }) => overlay),
  ];
  const { files } = target.storage;
  const there = made.length > 0 ? await files.existing([...new Set(made)]) : [];
  // What they lie over is this move's where it has brought it.
  const below = [...new Set(copiedOf(input).flatMap(backingPathsOf))];
  const { migrationId } = input.route;
  const brought =
    below.length > 0
      ? [...(await files.owned(below, migrationId)), ...(await files.last(below, migrationId))]
      : [];
  const devices = taken.map(({ path }) => path);
  return [...there, ...devices, ...brought, ...(await stateFilesOf(target, input.state))];
}

/** Devices of the target’s that this move has written into. */
async function takenOn({ storage }: Ends['target'], { disks, route }: WayBack) {
  const into = disks.flatMap((disk) => deviceInto(disk) ?? []);
  return into.length > 0 ? storage.devices.taken(into, route.migrationId) : [];
}

async function keepLast(
  target: Ends['target'],
  input: WayBack,
  copies: readonly HostPath[],
): Promise<void> {
  const { migrationId } = input.route;
  const devices = (await takenOn(target, input)).map(({ path }) => path);
  await target.storage.devices.keepLast(devices, migrationId);
  const files = copies.filter((path) => !devices.includes(path));
  await target.storage.files.keepLast(files, migrationId);
}

const backingPathsOf = ({ inspection }: DiskPlan): HostPath[] =>
  inspection.backing.map(({ path }) => path);

/** In words, each with what it is about. */
async function lossesOf(ends: Ends, input: WayBack): Promise<string[]> {
  const { name, source: from } = input.route;
  const losses: string[] = [];
  for (const disk of copiedOf(input)) {
    const why = await lossOf(ends.source, input, disk);
    if (why !== undefined) losses.push(`${disk.device} of ${name} on ${from} ${why}`);
  }
  const state = await lostState(ends, input);
  const guest = await ends.source.hypervisor.find(input.route.uuid);
  return [
    ...losses,
    ...present([
      guest && isActive(guest.state)
        ? `somebody has started ${name} on ${from}, where it runs by now`
        : undefined,
      state.length > 0
        ? `the TPM’s state of ${name} is not on ${from} any more as it was (${state.join(', ')})`
        : undefined,
    ]),
  ];
}

/** It is not set aside, and small. */
async function lostState(
  { source, target }: Ends,
  { state, left, route }: WayBack,
): Promise<string[]> {
  const arrived = await stateFilesOf(target, state);
  const { files } = source.storage;
  const brought = await target.storage.files.owned(arrived, route.migrationId);
  const there = brought.length > 0 ? await files.look(brought) : [];
  const gone = there.filter(({ kind, sizeBytes }) => kind !== 'file' || sizeBytes === 0);
  const before = left.filter(({ path }) => state.some((folder) => path.startsWith(`${folder}/`)));
  const changed = await lostAmong(source, before);
  return [...new Set([...gone.map(({ path }) => path), ...changed.map(({ path }) => path)])];
}

/** Files that a revert goes back to: each copied disk where it was set aside, what a warm copy put over it, and what it lies over. */
export function waysBackOf(input: Copies, all: readonly DiskPlan[] = input.disks): HostPath[] {
  const asides = setAsidesOf(all, input.route);
  const paths = copiedOf(input).flatMap((disk) => {
    const path = fileOf(disk);
    if (path === undefined || isVariables(disk)) return [];
    return [path, overlayOf(path, input.route.migrationId), ...backingPathsOf(disk)];
  });
  return [...new Set(paths)].map((path) => asideOf(path, asides));
}

/** A UEFI guest's variables, where they were set aside: small enough to be told by their content. */
export function variablesOf(input: Copies, all: readonly DiskPlan[] = input.disks): HostPath[] {
  const asides = setAsidesOf(all, input.route);
  return copiedOf(input)
    .filter(isVariables)
    .flatMap((disk) => fileOf(disk) ?? [])
    .map((path) => asideOf(path, asides));
}

/** Of these files, those that are gone, and those that are not as they were. */
const lostAmong = async (source: Ends['source'], before: readonly Arrived[]): Promise<Arrived[]> =>
  lostFrom(
    source,
    before,
    await seenNow(
      source,
      before.map(({ path }) => path),
    ),
  );

/** The same, for who has looked already. @param now as they are seen now */
export async function lostFrom(
  source: Ends['source'],
  before: readonly Arrived[],
  now: readonly Arrived[],
): Promise<Arrived[]> {
  const lost: Arrived[] = [];
  for (const file of lostSince(before, now)) {
    const { path } = file;
    const digest = before.find((then) => then.path === path)?.sha256;
    const isThere = now.some((there) => there.path === path);
    // Somebody has opened it, and written what was there.
    if (isThere && digest !== undefined && (await source.storage.files.sha256(path)) === digest)
      continue;
    lost.push(file);
  }
  return lost;
}

/** What is wrong with the source's image, under whichever of its names it has now. */
async function lossOf(
  source: Ends['source'],
  { disks, route, left, copies }: WayBack,
  disk: DiskPlan,
): Promise<string | undefined> {
  const { files } = source.storage;
  const path = fileOf(disk);
  if (path === undefined) return deviceLoss(source, disk, left);
  // What was set aside comes first: under its old name there may be somebody else's by now.
  const names: HostPath[] = [...new Set([asideOf(path, setAsidesOf(disks, route)), path])];
  const [there] = await files.existing(names);
  if (there === undefined) return `is not there any more (${names.join(', ')})`;
  const [chain] = await files.chains([{ path: there, format: disk.format }]);
  const [top] = chain?.layers ?? [];
  // What it lies over may have been set aside with it, and is looked at by its own name below.
  if (!top) return `cannot be opened any more (${there}: ${chain?.problem ?? 'unknown'})`;
  const alone = { disks: [disk], route, copies };
  const asides = [...waysBackOf(alone, disks), ...variablesOf(alone, disks)];
  const [lost] = await lostAmong(
    source,
    left.filter((file) => asides.includes(file.path)),
  );
  if (lost)
    return (await files.existing([lost.path])).length === 0
      ? `is not there any more as it was set aside: ${lost.path} is gone`
      : `was changed, or is another file, since it was set aside (${lost.path})`;
  const wanted = disk.inspection.capacityBytes;
  return top.capacityBytes < wanted
    ? `has ${top.capacityBytes} bytes instead of ${wanted} (${there})`
    : undefined;
}
