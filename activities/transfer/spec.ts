/** The parameters of a transfer, and how long it may take. */
import type { Confidential } from '../../model/confidential.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { TransferSpec } from '../../drivers/interfaces/hypervisor/transfers.js';
import type { TransferOptions } from '../../model/migration.js';
import { isVariables, type DiskPlan } from '../../model/storage.js';
import { migrationAddressOf } from '../../model/host-address.js';
import { firstDowntimeMs } from './steer.js';

/** Nova's completion timeout: generous for slow links, and scaled by what is to be sent. */
const SECONDS_PER_GIB = 800;
const LEAST_SECONDS = 600;

/** How long a transfer of so many bytes may take, in milliseconds. */
export const limitOf = (options: TransferOptions, bytes: number): number =>
  (options.timeoutSeconds ??
    Math.max(LEAST_SECONDS, Math.ceil((bytes / 1024 ** 3) * SECONDS_PER_GIB))) * 1000;

/** How libvirt is asked. The dry run shows exactly this. */
export function specOf(
  { disks, options }: { disks: readonly DiskPlan[]; options: TransferOptions },
  { target }: { target: HostDrivers },
  liveXml: Confidential,
): TransferSpec {
  const { bandwidthMibPerSec, isPostCopyAllowed, isAutoConverge, isEncrypted } = options;
  return {
    targetUri: target.host.libvirtUri,
    migrationAddress: migrationAddressOf(target.host),
    liveXml,
    isPostCopyAllowed,
    isAutoConverge,
    isEncrypted,
    parallelConnections: options.parallelConnections,
    bandwidthMibPerSec,
    firstDowntimeMs: firstDowntimeMs(options),
    // Firmware variables are no disk to libvirt: QEMU carries them with the memory.
    copiedDevices: disks
      .filter((disk) => disk.handling === 'copy' && !isVariables(disk))
      .map(({ device }) => device),
    // libvirt trusts only network filesystems that it knows; the probe is better proof.
    isSharingProved: disks.some(({ handling }) => handling === 'shared'),
  };
}
