/** A host's record, from what the command line says of it and what was known before. */
import { CodedError } from '../model/errors.js';
import { inUri } from '../model/host-address.js';
import { Host, type SshAddress } from '../model/host.js';
import type { HostName } from '../model/ids.js';
import { valuesOf, type Flags } from './options.js';
import { parseArgument } from './parse.js';

/** What has no flag of its own in the host's schema. */
export interface AddOptions extends Flags {
  readonly as: string;
  readonly reason: string;
  readonly ssh?: string;
  readonly json?: boolean;
}

/** What is not said stays as it was: a host in maintenance does not take guests again since its address was corrected. */
export function recordOf(
  name: HostName,
  options: AddOptions,
  given: SshAddress | undefined,
  known: Host | undefined,
): Host {
  if (given === undefined && !known)
    throw new CodedError('BAD_INPUT', `${name} is new: --ssh USER@ADDRESS[:PORT] is missing`, {
      hint: 'drover hosts lists those that drover knows.',
    });
  const ssh = given ?? known?.ssh;
  const isUsual = known === undefined || known.libvirtUri === usualUri(known.ssh);
  return parseArgument(
    Host,
    {
      ...known,
      name,
      libvirtUri: isUsual && ssh ? usualUri(ssh) : known?.libvirtUri,
      ...valuesOf(Host, options),
      ssh,
    },
    'the host',
  );
}

const usualUri = ({ user, address, port }: SshAddress): string =>
  `qemu+ssh://${encodeURIComponent(user)}@${inUri(address)}${port === 22 ? '' : `:${port}`}/system`;
