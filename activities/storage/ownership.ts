/** Whose are the files and folders of a VM's disks? Looked at on the host, with all of its other domains. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import type { FileFacts } from '../../drivers/storage.js';
import type { Route } from '../../model/migration.js';
import { objection, type Move, type Objection } from '../../model/objection.js';
import { fileOf, folderOf, isNamedAfter, type DiskPlan } from '../../model/storage.js';
import type { HostPath } from '../../model/ids.js';
import { namesOf, usesOn, type Uses } from '../kit/uses.js';

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

/** What is known of the source's files. */
export interface Looked {
  readonly uses: Uses;
  factsOf(path: string): FileFacts;
}

/** The plans, with whether each disk lies in the VM's own folder; and what others use of what would be renamed or removed. */
export async function withOwners(
  source: HostDrivers,
  route: Route,
  disks: readonly DiskPlan[],
  move: Move,
): Promise<{ disks: DiskPlan[]; objections: Objection[] }> {
  const touched = disks.filter((disk) => isTouched(disk, move));
  if (touched.length === 0) return { disks: [...disks], objections: [] };
  const uses = await usesOn(source, route.uuid);
  const files = touched.flatMap((disk) => fileOf(disk) ?? []);
  const folders = [...new Set(files.map(folderOf))];
  const facts = await source.storage.files.look([...files, ...folders]);
  const factsOf = (path: string) => facts.find((found) => found.path === path) as FileFacts;
  const looked: Looked = { uses, factsOf };
  const mine = new Set<string>(disks.flatMap(filesOf));
  const own = new Set<HostPath>();
  for (const folder of folders)
    if (await isOwn(source, route, folder, mine, looked)) own.add(folder);
  return {
    disks: disks.map((disk) => {
      const file = fileOf(disk);
      return touched.includes(disk) && file
        ? { ...disk, isInOwnFolder: own.has(folderOf(file)) }
        : disk;
    }),
    objections: [
      ...touched
        .filter(({ isReadOnly }) => !isReadOnly)
        .flatMap((d) => othersOf(source, d, looked)),
      ...uses.untold.map((what) =>
        objection(
          'the source',
          `has a guest that may use the same files: ${what}`,
          'mend it first',
        ),
      ),
    ],
  };
}

/** What a move renames or removes: copies leave their originals, and a cold move sets shared disks aside for a moment. */
const isTouched = ({ handling, source }: DiskPlan, move: Move): boolean =>
  source.kind === 'file' &&
  (handling === 'copy' || handling === 'static' || (move === 'cold' && handling === 'shared'));

const filesOf = (disk: DiskPlan): HostPath[] => [
  ...(fileOf(disk) ? [fileOf(disk) as HostPath] : []),
  ...disk.inspection.backing.map(({ path }) => path),
];

/** Named after the VM, and nothing in it is anybody else's. */
async function isOwn(
  { storage }: HostDrivers,
  route: Route,
  folder: HostPath,
  mine: ReadonlySet<string>,
  { uses, factsOf }: Looked,
): Promise<boolean> {
  const facts = factsOf(folder);
  const isCommon = COMMON.includes(facts.real) || LIBVIRTS.test(facts.real);
  const isPlain = facts.kind === 'folder' && facts.real === folder && facts.mount !== facts.real;
  if (!isNamedAfter(folder, route) || isCommon || !isPlain) return false;
  const isPool = uses.pools.some(
    ({ real }) => real === facts.real || real.startsWith(`${facts.real}/`),
  );
  if (isPool || uses.untold.length > 0 || uses.of(facts).length > 0) return false;
  return (await storage.files.within(folder)).every((path) => mine.has(path));
}

function othersOf({ host }: HostDrivers, disk: DiskPlan, { uses, factsOf }: Looked): Objection[] {
  const file = fileOf(disk);
  const others = file ? uses.of(factsOf(file)) : [];
  if (others.length === 0) return [];
  return [
    objection(
      `disk ${disk.device} (${file ?? ''})`,
      `is used by ${namesOf(host.name, others)}`,
      'give the other guest a copy of its own (qemu-img convert), or move it away first',
    ),
  ];
}
