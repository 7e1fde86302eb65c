/** How the disks of a cold migration get to the target (C3, C4). */
import { z } from 'zod';
import { CodedError } from './errors.js';
import { deviceInto, formatThere, isConverted, isOfDevice, type DiskPlan } from './storage.js';

/**
 * `move`: shared storage, a rename. `nbd`: QEMU's own export and one pass of `qemu-img convert`, which flattens and
 * skips zeroes. `scp`: the file as it is, over the same export.
 */
export const CopyWay = z.enum(['move', 'nbd', 'scp']);
export type CopyWay = z.infer<typeof CopyWay>;

/** What the requester wants: `auto` keeps a chain of backing files where the target can have it. */
export const CopyChoice = z.enum(['auto', 'nbd', 'scp']);
export type CopyChoice = z.infer<typeof CopyChoice>;

/** One disk's way. */
export const CopyPlan = z.object({
  device: z.string(),
  way: CopyWay,
  /** C3, beforehand, on the source: only for `scp`, since `nbd` flattens as it goes. */
  isFlattened: z.boolean(),
  reason: z.string(),
});
export type CopyPlan = z.infer<typeof CopyPlan>;

/** True if the target must have the disk's backing files. */
export const needsBacking = (disk: DiskPlan, choice: CopyChoice): boolean =>
  disk.handling === 'copy' &&
  choice !== 'nbd' &&
  !isConverted(disk) &&
  disk.inspection.backing.length > 0;

/**
 * Plans every disk that is a writable file; volumes stay, and read-only files were brought over before.
 * @param lacking devices whose backing files the target cannot have
 * @throws STORAGE_UNSUITABLE for an image that holds more than the guest sees, where only what the guest sees could be copied
 */
export const planCopies = (
  disks: readonly DiskPlan[],
  choice: CopyChoice,
  lacking: readonly string[],
  isWarm = false,
): CopyPlan[] =>
  disks.flatMap((disk) =>
    isConverted(disk)
      ? [converted(disk, choice, isWarm)]
      : copyOf(disk, choice, lacking.includes(disk.device), isWarm),
  );

function copyOf(
  disk: DiskPlan,
  choice: CopyChoice,
  isLacking: boolean,
  isWarm: boolean,
): CopyPlan[] {
  const { device, handling } = disk;
  if (handling === 'shared' && !disk.isReadOnly)
    return [{ device, way: 'move', isFlattened: false, reason: 'on shared storage: a rename' }];
  if (handling !== 'copy') return [];
  if (isWarm) refuseWarmVolume(disk);
  const { backing, holds } = disk.inspection;
  if (holds.length > 0) return [asItIs(disk, choice, isLacking, isWarm)];
  // A disk that is in use is not flattened beforehand.
  if (choice === 'scp' && !(isWarm && isLacking))
    return [{ device, way: 'scp', isFlattened: isLacking, reason: 'requested' }];
  if (choice === 'nbd' || backing.length === 0 || isLacking) {
    const why = isLacking
      ? 'the target cannot have its backing file'
      : backing.length > 0
        ? 'requested'
        : 'no backing file to keep';
    return [{ device, way: 'nbd', isFlattened: false, reason: why }];
  }
  const reason = 'the target has its backing file, which stays shared with other guests';
  return [{ device, way: 'scp', isFlattened: false, reason }];
}

/** libvirt names the disk by its file once it has an overlay, and the volume would be lost from the definition. */
function refuseWarmVolume({ device, source }: DiskPlan): void {
  if (source.kind !== 'file' || source.pool === undefined) return;
  throw new CodedError(
    'STORAGE_UNSUITABLE',
    `${device} is a volume of the pool ${source.pool}, which a warm copy would turn into a file`,
    { hint: 'Omit --warm.' },
  );
}

/** Copied is what the guest sees of it. What it writes meanwhile has no place beside a device, and no place over an image of another format. */
function converted(disk: DiskPlan, choice: CopyChoice, isWarm: boolean): CopyPlan {
  const { device, inspection } = disk;
  const format = formatThere(disk);
  const what = isOfDevice(disk) ? 'a block device' : `another format (${format})`;
  const refuse = (why: string, hint: string) =>
    new CodedError('STORAGE_UNSUITABLE', `${device} ${why}`, { hint });
  if (isWarm)
    throw refuse(
      `is or becomes ${what}, which has no place for what the guest writes during a warm copy`,
      'Omit --warm.',
    );
  if (choice === 'scp' && !isOfDevice(disk))
    throw refuse(
      `is to be ${format}, and --copy scp copies the file as it is`,
      'Omit one of the two.',
    );
  if (inspection.holds.length > 0)
    throw refuse(
      `holds ${inspection.holds.join(', ')}, which ${what} would not have`,
      'Map it to a file of its own format, or delete what the disk holds.',
    );
  const into = deviceInto(disk);
  const from = isOfDevice(disk) ? 'out of a block device' : `as ${format}, flat`;
  const reason = into ? `into the block device ${into}, which is empty` : from;
  return { device, way: 'nbd', isFlattened: false, reason };
}

/** What the guest writes during a warm copy goes to an overlay. */
const openOverlay = (device: string) =>
  new CodedError(
    'STORAGE_UNSUITABLE',
    `${device} is encrypted, and what the guest writes during a warm copy would lie beside it in clear`,
    { hint: 'Omit --warm.' },
  );

/** Snapshots and bitmaps are in the file and not in what the guest sees of it. */
function asItIs(
  { device, inspection, isEncrypted }: DiskPlan,
  choice: CopyChoice,
  isLacking: boolean,
  isWarm: boolean,
): CopyPlan {
  if (isWarm && isEncrypted) throw openOverlay(device);
  const what = inspection.holds.join(', ');
  const refuse = (why: string, hint: string) =>
    new CodedError('STORAGE_UNSUITABLE', `${device} holds ${what}, which ${why} would drop`, {
      hint,
    });
  if (choice === 'nbd') throw refuse('--copy nbd', 'Omit it: the file is then copied as it is.');
  if (isLacking)
    throw refuse(
      'a flat copy (the target cannot have the backing file)',
      'Make room for the backing file on the target, or delete what the disk holds.',
    );
  return { device, way: 'scp', isFlattened: false, reason: `the file as it is, for ${what}` };
}
