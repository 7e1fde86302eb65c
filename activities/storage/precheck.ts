/** `storage.precheck`: a probe file in each folder, written on the source and looked for on the target; links, file systems, owners. */
import { defined } from '../../model/defined.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { HostFiles } from '../../drivers/interfaces/storage.js';
import { HostPath, type MigrationId } from '../../model/ids.js';
import {
  fileOf,
  folderOf,
  isPlacedElsewhere,
  targetFileOf,
  type Disk,
  type DiskPlan,
} from '../../model/storage.js';
import { precheckStorage } from '../../workflows/steps/storage.js';
import { endsOf, implement } from '../kit/implement.js';
import type { Ends } from '../guest/location.js';
import { collisionObjections } from './collisions.js';
import { inspectAll } from './inspect-all.js';
import {
  layersOf,
  memoryFilesOf,
  namedObjections,
  strayObjections,
  withKept,
  type Inspected,
} from './kept.js';
import { longNameObjections } from './long-names.js';
import { volumeObjections } from './volume-users.js';
import { withDevices } from './devices.js';
import { sameDevices } from './into-device.js';
import { formatObjections, inFormat } from './formats.js';
import { planOf, type DiskFacts, type Journey } from './handling.js';
import { attributeRemarks } from './file-attributes.js';
import { usedElsewhere } from './elsewhere.js';
import { misplacedAmong, misplacedOnSource, misplacedOnTarget } from './places.js';
import { withOwners } from './ownership.js';

/** L1 K2 K3. Both hosts take part; the probe is removed whatever happens. */
export const precheckStorageActivity = implement(precheckStorage, (deps) => ({
  async run({ route, disks, move, media, isWarm }) {
    const ends = await endsOf(deps, route);
    const at: Journey = { source: route.source, target: route.target, move, media };
    const [found, unreadable] = await inspectAll(ends.source, disks);
    const kept = await ends.source.hypervisor.kept(route.uuid);
    const inspected = found.map((one) => withKept(one, kept));
    const misplaced = await misplacedOnSource(ends.source, inspected);
    const untouched = new Set(misplaced.flatMap(({ folders }) => folders));
    const files = await factsOf(ends, inspected, route.migrationId, untouched);
    const facts = await withDevices(deps, ends, route, files);
    const planned = facts.map((one) => planOf(one, at));
    const plans: DiskPlan[] = planned.map(({ plan }) => inFormat(plan));
    const owned = await withOwners(ends, route, plans, { move, beside: memoryFilesOf(kept) });
    const elsewhere =
      misplaced.length > 0 ? [] : await usedElsewhere(deps, route, ends.source, plans, move);
    misplaced.push(...(await misplacedOnTarget(ends.target, plans)));
    for (const end of [ends.source, ends.target])
      misplaced.push(...(await misplacedAmong(end, memoryFilesOf(kept), 'a snapshot’s memory')));
    const objections = [
      ...unreadable,
      ...planned.flatMap((one) => one.objections),
      ...plans.flatMap((plan) => formatObjections(plan, kept.snapshots)),
      ...owned.objections,
      ...(await collisionObjections(ends, plans)),
      ...(await sameDevices(ends, plans)),
      ...elsewhere,
      ...(await volumeObjections(deps, route, plans)),
      ...misplaced.map(({ objection }) => objection),
      ...longNameObjections(route, owned.disks, { move, isWarm }),
      ...strayObjections(inspected, kept),
      ...namedObjections(inspected, kept),
    ];
    const remarks =
      misplaced.length > 0
        ? []
        : await attributeRemarks(ends, route, owned.disks, memoryFilesOf(kept));
    return {
      disks: owned.disks,
      ...defined({
        objections: objections.length > 0 ? objections : undefined,
        remarks: remarks.length > 0 ? remarks : undefined,
      }),
    };
  },
  async undo({ route, disks }) {
    const { files } = (await endsOf(deps, route)).source.storage;
    for (const folder of await probedFolders(files, disks))
      await files.removeProbe(folder, route.migrationId);
  },
  describe: ({ route, disks }) =>
    [...new Set(disks.flatMap((disk) => fileOf(disk) ?? []).map(folderOf))].map(
      (folder) =>
        `write a probe into ${folder} on ${route.source}, look for it on ${route.target}, remove it`,
    ),
}));

/** Wherever a probe may be: beside the disks and what lies below them, and where links lead. */
async function probedFolders(files: HostFiles, disks: readonly Disk[]): Promise<Set<HostPath>> {
  const images = disks.flatMap((disk) => {
    const path = fileOf(disk);
    return path ? [{ path, format: disk.format }] : [];
  });
  const chains = images.length > 0 ? await files.chains(images) : [];
  const below = chains.flatMap(({ layers }) => layers.map(({ path }) => path));
  const paths = [...new Set([...images.map(({ path }) => path), ...below])];
  const facts = paths.length > 0 ? await files.look(paths) : [];
  const named = facts.flatMap(({ path, real }) => [path, real]);
  return new Set(named.flatMap((path) => HostPath.safeParse(path).data ?? []).map(folderOf));
}

/** What both hosts say of the disks' files, and which of their folders are the same on both. */
async function factsOf(
  { source, target }: Ends,
  inspected: readonly Inspected[],
  token: MigrationId,
  untouched: ReadonlySet<string>,
): Promise<DiskFacts[]> {
  const files = [...new Set(inspected.flatMap(layersOf))];
  if (files.length === 0) return inspected.map((one) => ({ ...one, isShared: () => false }));
  const folders = [...new Set(files.map(folderOf))];
  const elsewhere = inspected.flatMap(({ disk }) => {
    const path = targetFileOf(disk);
    return path && isPlacedElsewhere(disk) ? [path, folderOf(path)] : [];
  });
  const [here, there] = await Promise.all([
    source.storage.files.look(files),
    target.storage.files.look([...files, ...folders, ...elsewhere]),
  ]);
  const of = (facts: typeof here, path: string) => facts.find((found) => found.path === path);
  // A link's target is where the content is; a link on the way to a folder is followed by both hosts for themselves.
  const probedOf = (path: HostPath): HostPath => {
    const found = of(here, path);
    return folderOf(found?.isLink ? HostPath.parse(found.real) : path);
  };
  // Written under one name, and looked for under the other where a disk is to be somewhere else.
  const lookedFor = inspected.flatMap((one) => {
    const [path, pathThere] = [fileOf(one.disk), targetFileOf(one.disk)];
    const ways = layersOf(one).map((layer) => [probedOf(layer), probedOf(layer)] as const);
    return path && pathThere && isPlacedElsewhere(one.disk)
      ? [...ways, [probedOf(path), folderOf(pathThere)] as const]
      : ways;
  });
  const shared = await sharedAmong({ source, target }, lookedFor, token, untouched);
  return inspected.map((one): DiskFacts => {
    const path = fileOf(one.disk);
    const pathThere = targetFileOf(one.disk);
    const isShared = (layer: string) => {
      const folder = probedOf(layer as HostPath);
      const isPlaced = layer === path && pathThere && isPlacedElsewhere(one.disk);
      return shared(folder, isPlaced ? folderOf(pathThere) : folder);
    };
    if (!path) return { ...one, isShared };
    const mine = of(here, path);
    if (!pathThere) return { ...one, isShared, ...defined({ here: mine }) };
    const folderThere = of(there, folderOf(pathThere));
    const theirs = of(there, pathThere);
    return { ...one, isShared, ...defined({ here: mine, there: theirs, folderThere }) };
  });
}

/** Of folders of the source and folders of the target: whether both are the same one, each pair asked once. */
async function sharedAmong(
  { source, target }: Ends,
  pairs: readonly (readonly [here: HostPath, there: HostPath])[],
  token: MigrationId,
  untouched: ReadonlySet<string>,
): Promise<(here: string, there: string) => boolean> {
  const keyOf = (here: string, there: string) => `${here}\n${there}`;
  const folders = new Map<HostPath, Set<HostPath>>();
  for (const [here, there] of pairs) folders.set(here, (folders.get(here) ?? new Set()).add(there));
  const shared = new Set<string>();
  // In turn: two of the folders may be one under two names, and a probe of one must not be taken for the other's.
  for (const [here, theres] of folders) {
    if (untouched.has(here)) continue;
    for (const there of await sharedAs(source, target, here, [...theres], token))
      shared.add(keyOf(here, there));
  }
  return (here, there) => shared.has(keyOf(here, there));
}

/** Those of the target's folders in which the source's probe is seen. */
async function sharedAs(
  source: HostDrivers,
  target: HostDrivers,
  folder: HostPath,
  theirs: readonly HostPath[],
  token: MigrationId,
): Promise<HostPath[]> {
  try {
    await source.storage.files.writeProbe(folder, token);
    const seen: HostPath[] = [];
    for (const there of theirs)
      if (await target.storage.files.readProbe(there, token, folder)) seen.push(there);
    return seen;
  } finally {
    await source.storage.files.removeProbe(folder, token);
  }
}
