/** iSCSI volumes by QEMU's own initiator: the session is QEMU's, so connecting here means proving that it can. */
import { CodedError } from '../../model/errors.js';
import type { Disk } from '../../model/storage.js';
import type { HostShell } from '../interfaces/shell.js';
import type { StorageKind } from '../interfaces/storage.js';
import { inspectImage } from './qemu-img.js';

/** iSCSI volumes on one host. */
export function iscsiKind(host: string, shell: HostShell): StorageKind {
  const probe = async (disk: Disk) => {
    try {
      return await inspectImage(shell, host, urlOf(disk), 'raw');
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'COMMAND_FAILED') throw error;
      throw new CodedError(
        'VOLUME_UNREACHABLE',
        `${host} cannot read the volume of ${disk.device}: ${error.message}`,
        {
          hint: `On ${host} try: qemu-img info ${urlOf(disk)}`,
          facts: { host, device: disk.device },
          cause: error,
        },
      );
    }
  };
  return {
    abilities: { isVolume: true, canCopy: false },
    accepts: ({ source }) => source.kind === 'network' && source.protocol === 'iscsi',
    inspect: probe,
    connect: async (disk) => {
      await probe(disk);
    },
    // The session ends with the QEMU that opened it.
    disconnect: () => Promise.resolve(),
    describe: (disk) => [`qemu-img info -U --output=json -f raw ${urlOf(disk)}`],
  };
}

/** `iscsi://portal:port/iqn/lun`; libvirt's name is `iqn/lun`. */
export function urlOf({ source, device }: Disk): string {
  const portal = source.kind === 'network' ? source.hosts[0] : undefined;
  if (source.kind !== 'network' || !portal)
    throw new CodedError('STORAGE_UNSUITABLE', `${device} names no iSCSI portal`);
  const name = source.name.includes('/') ? source.name : `${source.name}/0`;
  return `iscsi://${portal.name}:${portal.port}/${name}`;
}
