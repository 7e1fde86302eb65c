/** One fake host, as the parts of its hypervisor see it. */
import { CodedError } from '../../model/errors.js';
import type { HostName, VmUuid } from '../../model/ids.js';
import { checkInvariants, hostOf, type FakeGuest, type FakeHost, type FakeWorld } from './world.js';

/** A host of the world. */
export interface AtHost {
  readonly world: FakeWorld;
  readonly name: HostName;
  readonly host: FakeHost;
  /** @throws LIBVIRT_FAILED as libvirt does for a domain that it does not know */
  guestOf(uuid: VmUuid): FakeGuest;
  /** A verb's answer; nothing that must never be is true after it. */
  done<T>(value: T): Promise<T>;
}

/** That host of the world. */
export function atHost(world: FakeWorld, name: HostName): AtHost {
  const host = hostOf(world, name);
  return {
    world,
    name,
    host,
    guestOf(uuid) {
      const guest = host.guests.get(uuid);
      if (guest) return guest;
      throw failed(name, 'Domain not found', 42);
    },
    done<T>(value: T): Promise<T> {
      checkInvariants(world);
      return Promise.resolve(value);
    },
  };
}

/** libvirt's failure of that code. */
export const failed = (host: string, why: string, libvirtCode: number): CodedError =>
  new CodedError('LIBVIRT_FAILED', `libvirt on ${host}: ${why}`, { facts: { libvirtCode } });
