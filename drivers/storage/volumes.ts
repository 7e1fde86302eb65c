/** Volumes that QEMU opens over the network by itself: there is no connection of the host's, so connecting means proving that it can be read. */
import { present } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import { Confidential } from '../../model/confidential.js';
import { secretName, type SecretRef } from '../../model/secret.js';
import { shellWord } from '../../model/shell-word.js';
import type { Disk, NetworkSource } from '../../model/storage.js';
import type { Secrets } from '../interfaces/hypervisor/secrets.js';
import type { HostCommand, HostShell } from '../interfaces/shell.js';
import type { StorageKind } from '../interfaces/storage.js';
import { inspectVolume } from './qemu-img.js';

/** How one protocol is said to QEMU. */
export interface Protocol {
  readonly name: string;
  /** The options of its block driver, but for the password. @throws STORAGE_UNSUITABLE */
  options(disk: Disk, source: NetworkSource): Readonly<Record<string, string>>;
  /** The option that names the secret object. */
  readonly password: string;
  /** The volume's name, for people. */
  url(source: NetworkSource): string;
  /** The command by which an operator tries it himself. */
  attempt(source: NetworkSource): string;
  /** How it is asked who has it open, if it can be. */
  readonly openers?: {
    readonly script: HostCommand;
    args(source: NetworkSource): string[];
    /** Addresses; `undefined` if that is no answer. */
    read(text: string): string[] | undefined;
  };
}

const KEY = 'key';

/** The volumes of one protocol on one host. */
export function volumeKind(
  host: string,
  shell: HostShell,
  secrets: Pick<Secrets, 'secret'>,
  protocol: Protocol,
): StorageKind {
  const inspect = async (disk: Disk) => {
    const source = networkSourceOf(disk);
    const asked = { name: protocol.url(source), options: textOf(protocol, disk, source) };
    if (!source.auth) return inspectVolume(shell, host, asked);
    const password = await passwordFor(secrets, host, disk.device, source.auth.secret);
    return inspectVolume(shell, host, { ...asked, password });
  };
  const probe = async (disk: Disk) => {
    try {
      return await inspect(disk);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'COMMAND_FAILED') throw error;
      const source = networkSourceOf(disk);
      throw new CodedError(
        'VOLUME_UNREACHABLE',
        `${host} cannot read the volume of ${disk.device}: ${error.message}`,
        {
          hint: `On ${host} try: ${protocol.attempt(source)}${source.auth ? ', with its user and password' : ''}`,
          facts: { host, device: disk.device },
          cause: error,
        },
      );
    }
  };
  return {
    abilities: { isVolume: true, canCopy: false, hasIdentity: false },
    accepts: ({ source }) => source.kind === 'network' && source.protocol === protocol.name,
    inspect: probe,
    connect: async (disk) => {
      await probe(disk);
    },
    // The connection ends with the QEMU that opened it.
    disconnect: () => Promise.resolve(),
    async openers({ source }) {
      if (!protocol.openers || source.kind !== 'network') return undefined;
      const { script, args, read } = protocol.openers;
      const password = source.auth && (await secrets.secret(source.auth.secret))?.value;
      // Of what cannot be opened from here nothing is told.
      if (source.auth && !(password instanceof Confidential)) return undefined;
      const stdin = password instanceof Confidential ? password.reveal() : '';
      return read((await shell.run(script, args(source), { stdin, timeoutMs: 15_000 })).stdout);
    },
    describe: (disk) => {
      const source = networkSourceOf(disk);
      const locked = source.auth ? ' --object secret,id=key,…' : '';
      return [
        `qemu-img info -U --output=json${locked} --image-opts ${shellWord(textOf(protocol, disk, source))}`,
      ];
    },
  };
}

function networkSourceOf({ source, device }: Disk): NetworkSource {
  if (source.kind === 'network') return source;
  throw new CodedError('BUG', `${device} is no volume`);
}

/** QEMU's own words for a volume; a comma in a value is written twice. */
function textOf(protocol: Protocol, disk: Disk, source: NetworkSource): string {
  const options = [
    ['driver', 'raw'],
    ['file.driver', protocol.name],
    ...Object.entries(protocol.options(disk, source)),
    ...present([source.auth && [protocol.password, KEY]]),
  ];
  return options
    .map(([name = '', value = '']) => `${name}=${value.replaceAll(',', ',,')}`)
    .join(',');
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
