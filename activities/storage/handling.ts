/** How one disk travels, from what both hosts say of its file: pure, so that every case can be tried. */
import { defined } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { StorageAbilities, FileFacts } from '../../drivers/interfaces/storage.js';
import type { HostName } from '../../model/ids.js';
import type { Media } from '../../model/media.js';
import { objection, type Move, type Objection } from '../../model/objection.js';
import {
  fileOf,
  folderOf,
  isPlacedElsewhere,
  targetFileOf,
  type Disk,
  type DiskInspection,
  type DiskPlan,
} from '../../model/storage.js';

/** Filesystems that several hosts mount, as the kernel names them. */
const NETWORK_FILESYSTEMS =
  /^(?:nfs\d?|cifs|smb\d?|ceph|gfs2|ocfs2|gpfs|lustre|glusterfs|9p|virtiofs|fuse\.(?:glusterfs|ceph|sshfs|s3fs).*)$/;

/** What a person says who knows that the two file systems are meant to be two. */
export const OTHER_FILESYSTEM = 'other-filesystem';

/** What is known of one disk. */
export interface DiskFacts {
  readonly disk: Disk;
  readonly inspection: DiskInspection;
  readonly abilities: StorageAbilities;
  /** Of a block device: its plan, which its identity decides. */
  readonly device?: Planned;
  /** The disk's file as each host has it under that path, and its folder on the target. */
  readonly here?: FileFacts;
  readonly there?: FileFacts;
  readonly folderThere?: FileFacts;
  /** Each layer's path with whether its folder is the same on both hosts. */
  readonly isShared: (path: string) => boolean;
}

/** Where from and where to, and in which way. */
export interface Journey {
  readonly source: HostName;
  readonly target: HostName;
  readonly move: Move;
  /** What becomes of CDs and floppies. */
  readonly media?: Media;
}

/** A plan, and what speaks against it. */
export interface Planned {
  readonly plan: DiskPlan;
  readonly objections: Objection[];
}

/** How one disk travels. */
export function planOf(facts: DiskFacts, at: Journey): Planned {
  const { disk, inspection, abilities, here } = facts;
  const planned = (
    handling: DiskPlan['handling'],
    reason: string,
    objections: Objection[] = [],
  ) => ({
    plan: {
      ...disk,
      inspection,
      handling,
      reason,
      ...defined({ isLink: (handling === 'shared' && here?.isLink) || undefined }),
    },
    objections,
  });
  if (abilities.isVolume) return planned('volume', 'a volume, reached from every host');
  if (facts.device) return facts.device;
  const path = fileOf(disk);
  if (!path) throw new CodedError('BUG', `${disk.device} is no file, no device and no volume`);
  const names = here && here.real !== path ? `${path}, which is ${here.real}` : path;
  if (here && facts.isShared(path))
    return planned(
      'shared',
      `the target sees the source's probe beside ${namesThere(disk, names)}`,
      [
        ...linkObjections(facts, at),
        ...unseenObjections(facts, at),
        ...renamedObjections(facts, at),
        ...layerObjections(facts, at),
        ...shareableObjections(facts, at),
      ],
    );
  const handling = disk.isReadOnly ? 'static' : 'copy';
  const reason = disk.isReadOnly
    ? 'read-only and not shared: copied beforehand'
    : isPlacedElsewhere(disk)
      ? `it is to be ${targetFileOf(disk) ?? ''} on ${at.target}: the disk travels too`
      : `${folderOf(path)} is not shared: the disk travels too`;
  return planned(handling, reason, [
    ...copyObjections(facts, at),
    ...filesystemObjections(facts, at),
    ...holdObjections(facts, at),
    ...mediumObjections(facts, at),
  ]);
}

const namesThere = (disk: Disk, names: string): string =>
  isPlacedElsewhere(disk) ? `${names}, there ${targetFileOf(disk) ?? ''}` : names;

/** A disk whose file is gone. */
export const lostFile = ({ device }: Disk, path: string, host: HostName): Objection =>
  objection(
    `disk ${device}`,
    `has no file ${path} on ${host}`,
    'mend the definition, or bring the file back',
  );

const aboutOf = ({ disk }: DiskFacts): string => `disk ${disk.device}`;

/** A shared file under a link must be the same file under it on the target: links are each host's own. */
function linkObjections(facts: DiskFacts, { source, target }: Journey): Objection[] {
  const { here, there, disk } = facts;
  if (!here?.isLink || isPlacedElsewhere(disk) || there?.real === here.real) return [];
  const path = fileOf(disk) ?? '';
  const found = there && there.kind !== 'absent' ? there.real : 'nothing';
  return [
    objection(
      aboutOf(facts),
      `is at ${path}, a link to ${here.real} on ${source}; on ${target} that is ${found}`,
      `make the same link on ${target}, or name ${here.real} in the definition`,
    ),
  ];
}

/** The folder is the same, so the file must be there as well. */
const unseenObjections = (facts: DiskFacts, { target }: Journey): Objection[] =>
  facts.there?.kind === 'absent'
    ? [
        objection(
          aboutOf(facts),
          `is on storage that ${target} sees, but ${targetFileOf(facts.disk) ?? ''} is not there`,
          `look at the links and mounts of ${target} (namei -l)`,
        ),
      ]
    : [];

/** A cold move sets the folder aside by its name, and each host would look for it under its own. */
const renamedObjections = (facts: DiskFacts, { move }: Journey): Objection[] =>
  isPlacedElsewhere(facts.disk) && move === 'cold'
    ? [
        objection(
          aboutOf(facts),
          `is on storage that both hosts see, under two names: ${fileOf(facts.disk) ?? ''} and ${targetFileOf(facts.disk) ?? ''}`,
          'move it live, or mount that storage under one name on both',
          { moves: ['cold'] },
        ),
      ]
    : [];

/** What lies below a shared disk must be shared as well: another file of that name would be another disk. */
const layerObjections = (facts: DiskFacts, { target }: Journey): Objection[] =>
  facts.inspection.backing
    .filter(({ path }) => !facts.isShared(path))
    .map(({ path }) =>
      objection(
        aboutOf(facts),
        `is shared, but lies over ${path}, which ${target} does not share`,
        'put the backing file on the shared storage too (qemu-img rebase), or flatten the disk (qemu-img convert)',
      ),
    );

/** Renamed for a moment, a disk that others write to would be gone for them; copied, it would be two. */
const shareableObjections = (facts: DiskFacts, { move }: Journey): Objection[] =>
  facts.disk.isShareable && move === 'cold'
    ? [
        objection(
          aboutOf(facts),
          'is shareable: another guest may need it while this one is set aside',
          'move it live, or detach it first',
          { moves: ['cold'] },
        ),
      ]
    : [];

function copyObjections(facts: DiskFacts, { source }: Journey): Objection[] {
  const { disk, here, abilities } = facts;
  const path = fileOf(disk) ?? '';
  if (!abilities.canCopy)
    return [
      objection(
        aboutOf(facts),
        'is neither shared nor can it be copied',
        'put it on shared storage or on a volume',
      ),
    ];
  if (here?.kind === 'absent') return [lostFile(disk, path, source)];
  if (disk.isShareable)
    return [
      objection(
        aboutOf(facts),
        `is shareable and lies on storage of ${source} alone: a copy would be another disk`,
        'put it on shared storage or on a volume',
      ),
    ];
  if (here?.isLink)
    return [
      objection(
        aboutOf(facts),
        `is at ${path}, a link to ${here.real} on ${source}, which is not shared`,
        `name ${here.real} in the definition (virsh edit)`,
      ),
    ];
  return [];
}

/** Where one host has a file system mounted and the other has not, a copy would fill the wrong one, and empty the right one. */
function filesystemObjections(facts: DiskFacts, { source, target }: Journey): Objection[] {
  const { here, folderThere, disk } = facts;
  const path = fileOf(disk);
  if (!path || !here || here.kind === 'absent' || !folderThere) return [];
  const isNetwork = NETWORK_FILESYSTEMS.test(here.fsType);
  if ((here.mount === folderThere.mount && !isNetwork) || isPlacedElsewhere(disk)) return [];
  const folder = folderOf(path);
  const realFolder = here.real.slice(0, here.real.lastIndexOf('/'));
  if (realFolder !== folder && folderThere.real !== realFolder)
    return [
      objection(
        aboutOf(facts),
        `is in ${folder}, which leads to ${realFolder} on ${source}, and to ${folderThere.real} on ${target}`,
        `make the same link on ${target} (ln -s ${realFolder} ${folder}), or say --copy-anyway, if it is to be another place there`,
        { accept: OTHER_FILESYSTEM },
      ),
    ];
  const where =
    here.mount === folderThere.mount ? here.mount : longer(here.mount, folderThere.mount);
  return [
    objection(
      aboutOf(facts),
      `is in ${folder}: ${where} is another file system on ${source} (${here.fsType} at ${here.mount}) than on ${target} (${folderThere.fsType} at ${folderThere.mount})`,
      `mount it on ${target}, or say --copy-anyway`,
      { accept: OTHER_FILESYSTEM },
    ),
  ];
}

const longer = (a: string, b: string): string => (a.length >= b.length ? a : b);

/** A live copy has what the guest sees, and nothing else that is in the image. */
const holdObjections = (facts: DiskFacts, { move }: Journey): Objection[] =>
  facts.inspection.holds.length > 0 && move === 'live' && !facts.disk.isReadOnly
    ? [
        objection(
          aboutOf(facts),
          `holds ${facts.inspection.holds.join(', ')}, which a live copy would drop`,
          'move it cold, which takes the file as it is',
          { moves: ['live'] },
        ),
      ]
    : [];

/** A medium that is to be kept is not brought. */
const mediumObjections = (facts: DiskFacts, { target, media }: Journey): Objection[] =>
  media === 'keep' && facts.disk.isRemovable && facts.there?.kind === 'absent'
    ? [
        objection(
          aboutOf(facts),
          `has a medium that ${target} lacks: ${targetFileOf(facts.disk) ?? ''}`,
          'lay the same there, or say --media bring, or --media eject',
        ),
      ]
    : [];
