/** iSCSI volumes, by QEMU's own initiator (libiscsi). */
import { defined } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import { shellWord } from '../../model/shell-word.js';
import type { Disk, NetworkSource } from '../../model/storage.js';
import type { Protocol } from './volumes.js';

/** QEMU's driver `iscsi`. libvirt's name is `iqn/lun`; without a number it is LUN 0. */
export const ISCSI: Protocol = {
  name: 'iscsi',
  password: 'file.password-secret',
  options(disk, source) {
    const [, target = '', lun = '0'] = /^(.*?)(?:\/(\d+))?$/.exec(source.name) ?? [];
    return defined({
      'file.transport': 'tcp',
      'file.portal': portalOf(disk, source),
      'file.target': target,
      'file.lun': lun,
      'file.user': source.auth?.user,
    });
  },
  url: (source) => {
    const [portal] = source.hosts;
    const name = source.name.includes('/') ? source.name : `${source.name}/0`;
    return `iscsi://${portal?.name ?? ''}:${portal?.port ?? 0}/${name}`;
  },
  attempt: (source) => `qemu-img info ${shellWord(ISCSI.url(source))}`,
};

function portalOf({ device }: Disk, { hosts: [portal] }: NetworkSource): string {
  if (portal) return `${portal.name}:${portal.port}`;
  throw new CodedError('STORAGE_UNSUITABLE', `${device} names no iSCSI portal`);
}
