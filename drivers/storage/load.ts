/** One host's storage: the kinds that drover knows, asked in order. */
import { CodedError } from '../../model/errors.js';
import type { HostName } from '../../model/ids.js';
import type { HostShell } from '../interfaces/shell.js';
import type { Secrets } from '../interfaces/hypervisor/secrets.js';
import type { HostStorage } from '../interfaces/storage.js';
import { diskCopier } from './copier.js';
import type { CopyEnd } from './copying.js';
import { directoryKind } from './directory.js';
import { hostFiles } from './files.js';
import { blockKind } from './block.js';
import { hostDevices } from './devices.js';
import { ISCSI } from './iscsi.js';
import { RBD } from './rbd.js';
import { volumeKind } from './volumes.js';

/** The storage of a host over its shell. */
export function hostStorage(
  host: HostName,
  shellOf: (host: HostName) => HostShell,
  endOf: (host: HostName) => Promise<CopyEnd>,
  secrets: Pick<Secrets, 'secret'>,
): HostStorage {
  const shell = shellOf(host);
  const volumes = [ISCSI, RBD].map((protocol) => volumeKind(host, shell, secrets, protocol));
  const devices = hostDevices(host, shell);
  const kinds = [directoryKind(host, shell), blockKind(host, devices), ...volumes];
  return {
    devices,
    files: hostFiles(host, shell, shellOf),
    copier: diskCopier(() => endOf(host), endOf),
    kindOf(disk) {
      const kind = kinds.find((candidate) => candidate.accepts(disk));
      if (kind) return kind;
      const what = disk.source.kind === 'network' ? `${disk.source.protocol} volume` : 'disk';
      throw new CodedError(
        'STORAGE_UNSUITABLE',
        `${disk.device} is a ${what}, which drover cannot move yet`,
        {
          hint: 'Files, shared block devices, iSCSI and RBD volumes are supported; see docs/hosts.md.',
          facts: { host, device: disk.device },
        },
      );
    },
  };
}
