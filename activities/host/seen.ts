/** What is looked at on a host that is checked, or why it could not be looked at. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Equipment } from '../../drivers/interfaces/surroundings.js';
import { CodedError } from '../../model/errors.js';
import type { HostFacts } from '../../model/host-facts.js';
import { migrationAddressOf } from '../../model/host-address.js';
import { readFacts } from './facts.js';

/** What somebody answered, or the error instead. */
export type Answered<T> = { readonly is: T } | { readonly why: CodedError };

/** One host. */
export interface SeenHost {
  readonly drivers: HostDrivers;
  readonly equipment: Answered<Equipment>;
  /** Of libvirt. */
  readonly facts: Answered<HostFacts>;
  /** Its clock against the worker's, as well as one question can tell. */
  readonly clockAheadMs: number;
}

/** A command that drover runs on hosts: the packages that have it, and what goes without it, if most does. */
interface Wanted {
  readonly debian: string;
  readonly fedora: string;
  readonly onlyFor?: string;
}
const inAll = (name: string): Wanted => ({ debian: name, fedora: name });
const QEMU_UTILS: Wanted = { debian: 'qemu-utils', fedora: 'qemu-img' };
const IPROUTE: Wanted = { debian: 'iproute2', fedora: 'iproute' };

/** All of them. */
export const COMMANDS: Readonly<Record<string, Wanted>> = {
  'qemu-img': QEMU_UTILS,
  'qemu-nbd': QEMU_UTILS,
  nft: inAll('nftables'),
  ip: IPROUTE,
  ss: IPROUTE,
  perl: inAll('perl'),
  bash: inAll('bash'),
  find: inAll('findutils'),
  df: inAll('coreutils'),
  sha256sum: inAll('coreutils'),
  base64: inAll('coreutils'),
  stat: inAll('coreutils'),
  timeout: inAll('coreutils'),
  truncate: inAll('coreutils'),
  openssl: { ...inAll('openssl'), onlyFor: 'comparing copies in a third of the time' },
  curl: { ...inAll('curl'), onlyFor: 'an image store (DROVER_IMAGE_STORE)' },
  swtpm: { ...inAll('swtpm'), onlyFor: 'guests with an emulated TPM' },
};

/** Asks a host for all of it; nothing is changed. */
export async function seeHost(drivers: HostDrivers): Promise<SeenHost> {
  const { host, surroundings } = drivers;
  const equipment = await answerOf(
    surroundings.equipment({
      commands: Object.keys(COMMANDS),
      folders: host.storage ?? [],
      address: migrationAddressOf(host),
    }),
  );
  const clockAheadMs = 'is' in equipment ? equipment.is.clockMs - Date.now() : 0;
  return { drivers, equipment, clockAheadMs, facts: await answerOf(readFacts(drivers)) };
}

async function answerOf<T>(asked: Promise<T>): Promise<Answered<T>> {
  try {
    return { is: await asked };
  } catch (error) {
    if (error instanceof CodedError) return { why: error };
    throw error;
  }
}
