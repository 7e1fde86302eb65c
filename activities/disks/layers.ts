/**
 * What else lies over a guest's disks. Somebody may make a snapshot while a move is under way: then the guest writes to a layer of
 * that one's, and what lies below it is neither the whole disk any more nor surplus.
 */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Overlay } from '../../drivers/interfaces/hypervisor/power.js';
import { parseDomain } from '../../guest/xml/domain.js';
import { sweep } from '../../guest/xml/sweep.js';
import { present } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { shellWord } from '../../model/shell-word.js';
import { imageOf, isVariables, onTarget, type DiskPlan } from '../../model/storage.js';
import { isActive } from '../../model/vm.js';
import { freeAmong } from '../host/free.js';
import { poolsNamedIn } from '../vm/pools.js';

/** One of the guest's views: what runs, or what its next start will use. */
type View = 'live' | 'inactive';

/** A disk, and the images one of which it should be. */
export interface Expected {
  readonly device: string;
  readonly oneOf: readonly HostPath[];
}

/** The image of each disk that is a file. */
async function topsOf({ hypervisor }: HostDrivers, { uuid }: Route, view: View) {
  const xml = await hypervisor.xml(uuid, view);
  const { disks } = parseDomain(xml, await poolsNamedIn(hypervisor, [xml]));
  const tops = disks.flatMap(({ device, source, format }) =>
    source.kind === 'network' ? [] : [{ device, path: source.path, format }],
  );
  return { xml, tops };
}

/** What each disk has to be when it is moved: whatever else it is, the move would not take it along. */
export function imagesOf(
  disks: readonly DiskPlan[],
  overlays: readonly Overlay[] = [],
): Expected[] {
  return disks.flatMap((disk) => {
    const { device, isReadOnly, isRemovable } = disk;
    // A medium may be changed, and variables are no disk of the definition's.
    if (isReadOnly || isRemovable || isVariables(disk)) return [];
    const path = overlays.find((one) => one.device === device)?.overlay ?? imageOf(disk);
    return path === undefined ? [] : [{ device, oneOf: [path] }];
  });
}

/** A disk that is another image by now, and which of its own it should be. */
interface Other {
  readonly device: string;
  readonly found: string;
  readonly wanted: string;
}

/** Of these disks those that are none of the images that they should be. */
export async function otherTops(
  source: HostDrivers,
  route: Route,
  view: View,
  expected: readonly Expected[],
): Promise<Other[]> {
  if (expected.length === 0) return [];
  const { tops } = await topsOf(source, route, view);
  return expected.flatMap(({ device, oneOf }): Other[] => {
    const found = tops.find((top) => top.device === device);
    if (!found || oneOf.includes(found.path)) return [];
    return [{ device, found: found.path, wanted: oneOf.at(-1) ?? '' }];
  });
}

/** Such a disk would be moved without what is in its other image. @throws SOURCE_STALE */
export async function requireTops(
  source: HostDrivers,
  route: Route,
  view: View,
  expected: readonly Expected[],
): Promise<void> {
  const [other] = await otherTops(source, route, view, expected);
  if (!other) return;
  const { device, found, wanted } = other;
  throw new CodedError(
    'SOURCE_STALE',
    `${device} of ${route.name} on ${source.host.name} is ${found} by now, not ${wanted}: somebody has made a snapshot since the checks, and a move would lose what is written there`,
    { hint: howToMerge(route, device, wanted, found), facts: { device } },
  );
}

/**
 * Of a guest that is to go back to disks that both hosts have: on the target it still writes to them, and to no layer that somebody has
 * put over them there. @throws SOURCE_STALE
 */
export async function requireNoNewerTops(
  target: HostDrivers,
  route: Route,
  shared: readonly DiskPlan[],
): Promise<void> {
  const guest = shared.length > 0 ? await target.hypervisor.find(route.uuid) : undefined;
  if (!guest) return;
  const view = isActive(guest.state) ? 'live' : 'inactive';
  const [other] = await otherTops(target, route, view, imagesOf(shared.map(onTarget)));
  if (!other) return;
  const { device, found, wanted } = other;
  throw new CodedError(
    'SOURCE_STALE',
    `${device} of ${route.name} on ${target.host.name} is ${found} by now, not ${wanted}: somebody has made a snapshot there, and to go back would lose what was written since`,
    { hint: howToMerge(route, device, wanted, found), facts: { device } },
  );
}

/** The image under it has all afterwards. */
const howToMerge = ({ name }: Route, device: string, base: string, top: string): string =>
  `Merge it down first: virsh blockcommit ${shellWord(name)} ${device} --base ${shellWord(base)} --active --pivot --wait while the guest runs; while it is off, qemu-img commit ${shellWord(top)} (and every layer between the two), and name ${base} in its definition (virsh edit). Then retry, or start the move again.`;

/** A use of an image by the guest itself. */
interface Lying {
  readonly device: string;
  /** The layer over it; none if the view names it itself. */
  readonly over?: string;
  readonly path: string;
}

/**
 * Asked before overlays are removed: nothing lies over them, of this guest in either view, or of another guest on the host.
 * @param isNamed whether a view may still name an overlay itself
 * @throws SOURCE_STALE with what lies over one; FILE_IN_USE with who else uses one; UNDO_UNVERIFIED if that cannot be told
 */
export async function requireNothingOver(
  source: HostDrivers,
  route: Route,
  overlays: readonly Overlay[],
  { isNamed }: { readonly isNamed: boolean },
): Promise<void> {
  const { files } = source.storage;
  const paths = overlays.map(({ overlay }) => overlay);
  const there = paths.length > 0 ? await files.existing(paths) : [];
  if (there.length === 0) return;
  for (const lying of await lyingOver(source, route, there)) {
    if (isNamed && lying.over === undefined) continue;
    const { device, over, path } = lying;
    throw new CodedError(
      'SOURCE_STALE',
      over === undefined
        ? `${path} on ${source.host.name} stays: ${device} of ${route.name} is still it`
        : `${path} on ${source.host.name} stays: ${over} lies over it, which somebody has made for ${device} of ${route.name} while it was moved`,
      {
        hint:
          over === undefined
            ? `Look at virsh domblklist ${shellWord(route.name)}, with --inactive as well. Correct the definition (virsh edit), then retry.`
            : howToMerge(route, device, path, over),
        facts: { device, path },
      },
    );
  }
  // One that cannot be read says nothing of a file that this move has made a moment ago.
  const { used } = await freeAmong(source, route.uuid, there, { isUnclearFree: true });
  for (const [path, by] of used)
    throw new CodedError('FILE_IN_USE', `${path} stays: it is in use by ${by}`, {
      hint: `Give that guest its own copy (qemu-img rebase, or virsh blockpull) on ${source.host.name}, then retry.`,
      facts: { path },
    });
}

/** What of these files the guest uses, by its views and by what its images themselves say. @throws UNDO_UNVERIFIED */
async function lyingOver(
  source: HostDrivers,
  route: Route,
  overlays: readonly HostPath[],
): Promise<Lying[]> {
  const guest = await source.hypervisor.find(route.uuid);
  if (!guest) return [];
  const views: View[] = present([
    isActive(guest.state) ? 'live' : undefined,
    guest.isPersistent ? 'inactive' : undefined,
  ]);
  const lying: Lying[] = [];
  for (const view of views) lying.push(...(await usesIn(source, route, view)));
  const { files } = source.storage;
  const facts = await files.look([...new Set([...overlays, ...lying.map(({ path }) => path)])]);
  const factsOf = (path: string) => facts.find((found) => found.path === path);
  const isOne = (path: string) => {
    const at = factsOf(path);
    return overlays.some((overlay) => {
      const of = factsOf(overlay);
      return (
        path === overlay ||
        (at !== undefined && of !== undefined && at.id === of.id && of.id !== '')
      );
    });
  };
  return lying.filter(({ path }) => isOne(path));
}

/** Every image of one view: by libvirt's chain, and by qemu-img's. */
async function usesIn(source: HostDrivers, route: Route, view: View): Promise<Lying[]> {
  const { xml, tops } = await topsOf(source, route, view);
  const { files } = source.storage;
  const chains = tops.length > 0 ? await files.chains(tops) : [];
  await refuseUnread(
    source,
    route,
    chains.flatMap(({ problemAt }) => problemAt ?? []),
  );
  const named = tops.map(({ device, path }): Lying => ({ device, path }));
  const byImages = tops.flatMap(({ device }, index) =>
    (chains[index]?.layers ?? []).flatMap(({ path: over, below }): Lying[] =>
      below?.path.startsWith('/') ? [{ device, over, path: below.path }] : [],
    ),
  );
  // A chain that was given to QEMU may differ from what the images say.
  const byView = sweep(xml).paths.flatMap(({ as, path }): Lying[] => {
    const top = tops.find(({ device }) => as === `below disk ${device}`);
    return top && path.startsWith('/') ? [{ device: top.device, over: top.path, path }] : [];
  });
  return [...named, ...byImages, ...byView];
}

/** Below an image that is there and cannot be read may be anything. @throws UNDO_UNVERIFIED */
async function refuseUnread(
  { host, storage }: HostDrivers,
  { name }: Route,
  unread: readonly string[],
): Promise<void> {
  const odd = unread.filter((path) => !path.startsWith('/'));
  const paths = unread.filter((path) => path.startsWith('/'));
  const facts = paths.length > 0 ? await storage.files.look(paths) : [];
  const [first] = [
    ...odd,
    ...facts.filter(({ kind }) => kind !== 'absent').map(({ path }) => path),
  ];
  if (first === undefined) return;
  throw new CodedError(
    'UNDO_UNVERIFIED',
    `what ${name} on ${host.name} lies over cannot be told: ${first} cannot be read`,
    { hint: `On ${host.name} try: qemu-img info -U --backing-chain ${shellWord(first)}` },
  );
}
