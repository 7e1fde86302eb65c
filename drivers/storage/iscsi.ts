/** iSCSI volumes by QEMU's own initiator: the session is QEMU's, so connecting here means proving that it can. */
import { CodedError } from '../../model/errors.js';
import { Confidential } from '../../model/confidential.js';
import { secretName, type SecretRef } from '../../model/secret.js';
import type { Disk, DiskSource } from '../../model/storage.js';
import type { Secrets } from '../interfaces/hypervisor/secrets.js';
import { shellWord } from '../../model/shell-word.js';
import type { HostShell } from '../interfaces/shell.js';
import type { StorageKind } from '../interfaces/storage.js';
import { inspectImage, inspectLocked } from './qemu-img.js';

/** iSCSI volumes on one host. */
export function iscsiKind(
  host: string,
  shell: HostShell,
  secrets: Pick<Secrets, 'secret'>,
): StorageKind {
  const inspect = async (disk: Disk) => {
    const name = urlOf(disk);
    const { source } = disk;
    if (source.kind !== 'network' || !source.auth) return inspectImage(shell, host, name, 'raw');
    const password = await passwordFor(secrets, host, disk.device, source.auth.secret);
    const options = optionsOf(source, source.auth.user);
    return inspectLocked(shell, host, { name, options, password });
  };
  const probe = async (disk: Disk) => {
    try {
      return await inspect(disk);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'COMMAND_FAILED') throw error;
      throw new CodedError(
        'VOLUME_UNREACHABLE',
        `${host} cannot read the volume of ${disk.device}: ${error.message}`,
        {
          hint: `On ${host} try: qemu-img info ${shellWord(urlOf(disk))}${disk.source.kind === 'network' && disk.source.auth ? ', with its user and password' : ''}`,
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
    describe: ({ source, ...disk }) => [
      source.kind === 'network' && source.auth
        ? `qemu-img info -U --output=json --object secret,id=key,… --image-opts ${optionsOf(source, source.auth.user)}`
        : `qemu-img info -U --output=json -f raw ${urlOf({ source, ...disk })}`,
    ],
  };
}

/** @throws VOLUME_UNREACHABLE for a password that nobody but a guest is given */
async function passwordFor(
  secrets: Pick<Secrets, 'secret'>,
  host: string,
  device: string,
  ref: SecretRef,
): Promise<Confidential> {
  const found = await secrets.secret(ref);
  if (found?.value instanceof Confidential) return found.value;
  const why = !found ? 'is not there' : found.value === 'none' ? 'has no value' : 'is private';
  throw new CodedError(
    'VOLUME_UNREACHABLE',
    `${host} cannot read the volume of ${device}: its secret ${secretName(ref)} ${why}`,
    { hint: `On ${host}: virsh secret-define, virsh secret-set-value.`, facts: { host, device } },
  );
}

/** QEMU's own words for a volume; a comma in a value is written twice. */
function optionsOf(source: Extract<DiskSource, { kind: 'network' }>, user: string): string {
  const [, target = '', lun = '0'] = /^(.*?)(?:\/(\d+))?$/.exec(source.name) ?? [];
  const [portal] = source.hosts;
  const options = {
    driver: 'raw',
    'file.driver': 'iscsi',
    'file.transport': 'tcp',
    'file.portal': `${portal?.name ?? ''}:${portal?.port ?? 0}`,
    'file.target': target,
    'file.lun': lun,
    'file.user': user,
    'file.password-secret': 'key',
  };
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value.replaceAll(',', ',,')}`)
    .join(',');
}

/** `iscsi://portal:port/iqn/lun`; libvirt's name is `iqn/lun`. */
export function urlOf({ source, device }: Disk): string {
  const portal = source.kind === 'network' ? source.hosts[0] : undefined;
  if (source.kind !== 'network' || !portal)
    throw new CodedError('STORAGE_UNSUITABLE', `${device} names no iSCSI portal`);
  const name = source.name.includes('/') ? source.name : `${source.name}/0`;
  return `iscsi://${portal.name}:${portal.port}/${name}`;
}
