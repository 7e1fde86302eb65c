/** Disks that are files: shared or local is for the probe to say, not for the kind. */
import { CodedError } from '../../model/errors.js';
import type { Disk } from '../../model/storage.js';
import type { HostShell } from '../interfaces/shell.js';
import type { StorageKind } from '../interfaces/storage.js';
import { inspectImage } from './qemu-img.js';

/** File disks on one host. */
export const directoryKind = (host: string, shell: HostShell): StorageKind => ({
  abilities: { isVolume: false, canCopy: true, hasIdentity: false },
  accepts: ({ source }) => source.kind === 'file',
  inspect: (disk) => inspectImage(shell, host, pathOf(disk), disk.format),
  // A file needs no connection; nothing is left behind.
  connect: () => Promise.resolve(),
  disconnect: () => Promise.resolve(),
  openers: () => Promise.resolve(undefined),
  describe: () => [],
});

function pathOf({ source, device }: Disk): string {
  if (source.kind === 'file') return source.path;
  throw new CodedError('BUG', `${device} is no file`);
}
