/** Disks as a move plans them. */
import { DiskPlan } from '../../model/storage.js';

/** A disk of a qcow2 file that is to be copied, over the files `below`; `more` is what is otherwise. */
export function disk(
  device: string,
  file: string,
  more: Partial<DiskPlan> = {},
  below: string[] = [],
): DiskPlan {
  return DiskPlan.parse({
    device,
    source: { kind: 'file', path: file },
    format: 'qcow2',
    isReadOnly: false,
    handling: 'copy',
    reason: 'test',
    isInOwnFolder: true,
    inspection: {
      capacityBytes: 1000,
      allocatedBytes: 100,
      backing: below.map((name) => ({ path: name, format: 'qcow2', sizeBytes: 10 })),
    },
    ...more,
  });
}
