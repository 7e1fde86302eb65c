/** What each disk's image says, read on the source. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError, messageOf, type ErrorCode } from '../../model/errors.js';
import { objection, type Objection } from '../../model/objection.js';
import { ENCRYPTED, fileOf, type Disk, type DiskInspection } from '../../model/storage.js';
import { lostFile } from './handling.js';
import type { Inspected } from './kept.js';

/** What says something of a disk, and not of its host. */
const OF_A_DISK = new Set<ErrorCode>([
  'STORAGE_UNSUITABLE',
  'BAD_ANSWER',
  'COMMAND_FAILED',
  'VOLUME_UNREACHABLE',
]);

/** Each disk by itself: one that cannot be read is an objection. */
export async function inspectAll(
  { storage }: HostDrivers,
  disks: readonly Disk[],
): Promise<[Inspected[], Objection[]]> {
  const objections: Objection[] = [];
  const inspected = disks.map(async (disk): Promise<Inspected[]> => {
    try {
      const kind = storage.kindOf(disk);
      const inspection = withEncryption(disk, await kind.inspect(disk));
      return [{ disk, abilities: kind.abilities, inspection }];
    } catch (error) {
      if (!(error instanceof CodedError) || !OF_A_DISK.has(error.code)) throw error;
      const path = fileOf(disk);
      const isLost = path !== undefined && (await storage.files.existing([path])).length === 0;
      if (isLost) {
        objections.push(lostFile(disk, path, storage.files.host));
        return [];
      }
      const wayOut = error.hint || 'put it on storage that drover knows (docs/hosts.md)';
      objections.push(objection(`disk ${disk.device}`, `cannot move: ${messageOf(error)}`, wayOut));
      return [];
    }
  });
  return [(await Promise.all(inspected)).flat(), objections];
}

/** Only the file as it is has the encryption too: what the guest sees of the disk is the content in clear. */
const withEncryption = (disk: Disk, inspection: DiskInspection): DiskInspection =>
  disk.isEncrypted ? { ...inspection, holds: [...inspection.holds, ENCRYPTED] } : inspection;
