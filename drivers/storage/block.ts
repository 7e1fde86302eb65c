/** Block devices that are the same on both hosts: a LUN, a shared logical volume. Which device it is, its identity says and never its path. */
import { compareIds, idsText } from '../../model/device.js';
import { CodedError } from '../../model/errors.js';
import type { Disk } from '../../model/storage.js';
import type { DeviceFacts, HostDevices } from '../interfaces/devices.js';
import type { StorageKind } from '../interfaces/storage.js';

/** Devices on one host. */
export function blockKind(host: string, devices: HostDevices): StorageKind {
  const factsOf = async (disk: Disk): Promise<DeviceFacts> => {
    const [facts] = await devices.facts([pathOf(disk)]);
    if (facts?.kind === 'device') return facts;
    throw new CodedError('STORAGE_UNSUITABLE', `${pathOf(disk)} on ${host} is no block device`, {
      hint: `On ${host} try: lsblk`,
      facts: { host, device: disk.device },
    });
  };
  return {
    abilities: { isVolume: false, canCopy: false, hasIdentity: true },
    accepts: ({ source }) => source.kind === 'block',
    async inspect(disk) {
      const { sizeBytes } = await factsOf(disk);
      if (disk.format === 'raw')
        return { capacityBytes: sizeBytes, allocatedBytes: sizeBytes, backing: [], holds: [] };
      throw new CodedError(
        'STORAGE_UNSUITABLE',
        `${pathOf(disk)} on ${host} has a ${disk.format} image in a device, which drover cannot move yet`,
        { hint: 'Convert it: qemu-img convert -O raw.', facts: { host, device: disk.device } },
      );
    },
    async connect(disk) {
      const { ids } = await factsOf(disk);
      const known = disk.identity ?? {};
      if (compareIds(known, ids).is === 'same') return;
      throw new CodedError(
        'VOLUME_UNREACHABLE',
        `${pathOf(disk)} on ${host} is another device than ${disk.device}’s: ${idsText(ids)}, not ${idsText(known)}`,
        { hint: `On ${host} try: ls -l /dev/disk/by-id`, facts: { host, device: disk.device } },
      );
    },
    // QEMU opens it and closes it.
    disconnect: () => Promise.resolve(),
    openers: () => Promise.resolve(undefined),
    describe: (disk) => [
      `look whether ${pathOf(disk)} on ${host} is ${idsText(disk.identity ?? {})}`,
    ],
  };
}

function pathOf({ source, device }: Disk): string {
  if (source.kind === 'block') return source.path;
  throw new CodedError('BUG', `${device} is no block device`);
}
