/** What libvirt keeps for a guest and the disks hold: snapshots and checkpoints, as far as they decide how a disk is copied. */
import { present } from '../../model/defined.js';
import type { Kept } from '../../drivers/interfaces/hypervisor/definitions.js';
import { HostPath } from '../../model/ids.js';
import { objection, type Objection } from '../../model/objection.js';
import { fileOf, isPlacedElsewhere, targetFileOf } from '../../model/storage.js';
import type { DiskFacts } from './handling.js';

/** A disk with what is in it. */
export type Inspected = Pick<DiskFacts, 'disk' | 'inspection' | 'abilities'>;

/** The file of a disk and what lies below it; a volume has none. */
export const layersOf = ({ disk, inspection }: Inspected): HostPath[] => [
  ...present([fileOf(disk)]),
  ...inspection.backing.map(({ path }) => path),
];

/**
 * The disk with what it holds beside its own image's list: an external snapshot is a layer of its chain, and while a guest runs,
 * its image does not show the bitmaps of its checkpoints, which QEMU writes when it ends.
 */
export function withKept(one: Inspected, { snapshots, checkpoints }: Kept): Inspected {
  const { disk, inspection } = one;
  if (disk.isReadOnly || disk.format !== 'qcow2') return one;
  const layers = new Set<string>(layersOf(one));
  const begun = snapshots.filter(({ diskFiles = [] }) =>
    diskFiles.some((file) => layers.has(file)),
  );
  const holds = [
    ...inspection.holds,
    ...begun.map(({ name }) => `snapshot ${name}`),
    ...checkpoints.map((name) => `bitmap ${name}`),
  ];
  return { ...one, inspection: { ...inspection, holds: [...new Set(holds)] } };
}

/** A snapshot whose image is in no disk's chain any more: nobody can say what it still needs. */
export function strayObjections(disks: readonly Inspected[], { snapshots }: Kept): Objection[] {
  const layers = new Set<string>(disks.flatMap(layersOf));
  return snapshots.flatMap(({ name, diskFiles = [] }) => {
    const strays = diskFiles.filter((file) => !layers.has(file));
    return strays.length > 0
      ? [
          objection(
            `snapshot ${name}`,
            `is in ${strays.join(', ')}, which none of the guest’s disks lies over`,
            'delete it (virsh snapshot-delete --metadata), if nobody needs that file',
          ),
        ]
      : [];
  });
}

/** What libvirt keeps of a snapshot names the disks where they were. */
export const namedObjections = (disks: readonly Inspected[], { snapshots }: Kept): Objection[] =>
  snapshots.length > 0
    ? disks
        .filter(({ disk }) => !disk.isReadOnly && isPlacedElsewhere(disk))
        .map(({ disk }) =>
          objection(
            `disk ${disk.device}`,
            `is to be ${targetFileOf(disk) ?? ''}, and the snapshots ${snapshots.map(({ name }) => name).join(', ')} name it ${fileOf(disk) ?? ''}`,
            'leave it its place (no --map-storage), or delete the snapshots',
          ),
        )
    : [];

/** Files of snapshots' memory. */
export const memoryFilesOf = ({ snapshots }: Kept): HostPath[] =>
  snapshots.flatMap(({ memoryFile }) => HostPath.safeParse(memoryFile).data ?? []);
