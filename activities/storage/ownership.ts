/** Whose are the files and folders of a VM's disks? Looked at on the host, with all of its other domains. */
import { present } from '../../model/defined.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import type { Route } from '../../model/route.js';
import { objection, type Move, type Objection } from '../../model/objection.js';
import { fileOf, folderOf, isNamedAfter, type DiskPlan } from '../../model/storage.js';
import type { HostPath } from '../../model/ids.js';
import type { Ends } from '../guest/location.js';
import { namesOf, usesOn, type Uses } from '../host/uses.js';

/** The word for taking the responsibility for guests of which it cannot be told what they use. */
export const UNCLEAR_USES = 'unclear-uses';

/** The word for an image that lies over another guest's disk, which is meant to be a template. */
const OTHERS_DISK = 'others-disk';

/** Folders of libvirt's and of the system's that are never a VM's own, whatever it is called. */
const COMMON = [
  '/',
  '/etc',
  '/usr',
  '/var',
  '/boot',
  '/home',
  '/root',
  '/srv',
  '/mnt',
  '/opt',
  '/data',
];
const LIBVIRTS = /^\/var\/lib\/libvirt\/(?:[^/]+|(?:qemu|swtpm)\/.*)$/;

/** What one host says of the files. */
interface Looked {
  readonly drivers: HostDrivers;
  readonly uses: Uses;
  factsOf(path: string): FileFacts;
}

/** The plans, with whether each disk lies in the VM's own folder; and what others use of what would be renamed or removed. */
export async function withOwners(
  { source, target }: Ends,
  route: Route,
  disks: readonly DiskPlan[],
  { move, beside }: { readonly move: Move; readonly beside: readonly HostPath[] },
): Promise<{ disks: DiskPlan[]; objections: Objection[] }> {
  const touched = disks.filter((disk) => isTouched(disk, move));
  if (touched.length === 0) return { disks: [...disks], objections: [] };
  const mine = new Set<string>([...disks.flatMap(filesOf), ...beside]);
  const here = await lookOn(source, route, touched);
  const shared = touched.filter(({ handling }) => handling === 'shared');
  // A shared disk's folder is renamed under the guests of both.
  const there = shared.length > 0 ? [await lookOn(target, route, shared)] : [];
  const own = new Map<HostPath, boolean>();
  for (const folder of foldersOf(touched)) own.set(folder, await isOwn(here, route, folder, mine));
  for (const looked of there)
    for (const folder of foldersOf(shared))
      own.set(folder, (own.get(folder) ?? false) && (await isOwn(looked, route, folder, mine)));
  const isOwnOf = (disk: DiskPlan) => foldersOf([disk]).some((folder) => own.get(folder));
  return {
    disks: disks.map((disk) =>
      touched.includes(disk) ? { ...disk, isInOwnFolder: isOwnOf(disk) } : disk,
    ),
    objections: [
      ...objectionsOn(here, touched),
      ...there.flatMap((looked) => objectionsOn(looked, shared)),
    ],
  };
}

const foldersOf = (disks: readonly DiskPlan[]): HostPath[] => [
  ...new Set(disks.flatMap((disk) => fileOf(disk) ?? []).map(folderOf)),
];

async function lookOn(
  drivers: HostDrivers,
  route: Route,
  disks: readonly DiskPlan[],
): Promise<Looked> {
  const paths = [...new Set([...disks.flatMap(filesOf), ...foldersOf(disks)])];
  const [uses, facts] = await Promise.all([
    usesOn(drivers, route.uuid),
    drivers.storage.files.look(paths),
  ]);
  const factsOf = (path: string) => facts.find((found) => found.path === path) as FileFacts;
  return { drivers, uses, factsOf };
}

/** What other guests of a host use of these disks; one that does not tell may use all of them. */
const objectionsOn = (looked: Looked, disks: readonly DiskPlan[]): Objection[] => [
  ...disks.flatMap((disk) => othersOf(looked, disk)),
  ...disks.flatMap((disk) => othersBelow(looked, disk)),
  ...looked.uses.untold.map((what) =>
    objection(
      'the host',
      `has a guest that may use the same files: ${what}`,
      'repair it, or undefine it if nobody needs it',
      { accept: UNCLEAR_USES },
    ),
  ),
];

/** What a move renames or removes: copies leave their originals, and a cold move sets shared disks aside for a moment. */
const isTouched = ({ handling, source }: DiskPlan, move: Move): boolean =>
  source.kind === 'file' &&
  (handling === 'copy' || handling === 'static' || (move === 'cold' && handling === 'shared'));

const filesOf = (disk: DiskPlan): HostPath[] => [
  ...present([fileOf(disk) ? (fileOf(disk) as HostPath) : undefined]),
  ...disk.inspection.backing.map(({ path }) => path),
];

/** Named after the VM, and nothing in it is anybody else's. */
async function isOwn(
  { drivers, uses, factsOf }: Looked,
  route: Route,
  folder: HostPath,
  mine: ReadonlySet<string>,
): Promise<boolean> {
  const facts = factsOf(folder);
  const isCommon = COMMON.includes(facts.real) || LIBVIRTS.test(facts.real);
  const isPlain = facts.kind === 'folder' && facts.real === folder && facts.mount !== facts.real;
  if (!isNamedAfter(folder, route) || isCommon || !isPlain) return false;
  const isPool = uses.pools.some(
    ({ real }) => real === facts.real || real.startsWith(`${facts.real}/`),
  );
  if (isPool || uses.untold.length > 0 || uses.of(facts).length > 0) return false;
  return (await drivers.storage.files.within(folder)).every((path) => mine.has(path));
}

function othersOf({ drivers, uses, factsOf }: Looked, disk: DiskPlan): Objection[] {
  const file = fileOf(disk);
  // Many may read one ISO; but of a disk that another guest writes, a copy would stand still.
  const others = (file ? uses.of(factsOf(file)) : []).filter(
    ({ isWriter }) => isWriter || !disk.isReadOnly,
  );
  if (others.length === 0) return [];
  return [
    objection(
      `disk ${disk.device} (${file ?? ''})`,
      `is used by ${namesOf(drivers.host.name, others)}`,
      'give the other guest a copy of its own (qemu-img convert), or move it away first',
    ),
  ];
}

/**
 * An image names what it lies over, and whoever made the image chose that: a disk that another guest writes is that one's, and
 * its content is nobody else's to have (S2).
 */
function othersBelow({ drivers, uses, factsOf }: Looked, disk: DiskPlan): Objection[] {
  return disk.inspection.backing.flatMap(({ path }) => {
    const writers = uses.of(factsOf(path)).filter(({ isWriter }) => isWriter);
    if (writers.length === 0) return [];
    return [
      objection(
        `disk ${disk.device} (${fileOf(disk) ?? ''})`,
        `lies over ${path}, a disk of ${namesOf(drivers.host.name, writers)}`,
        'flatten it, if it may have that content (qemu-img convert)',
        { accept: OTHERS_DISK },
      ),
    ];
  });
}
