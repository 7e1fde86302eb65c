/** Bindings in memory. */
import { CodedError } from '../../model/errors.js';
import type { HostName } from '../../model/ids.js';
import type { Port } from '../../model/network.js';
import { isActive } from '../../model/vm.js';
import { parseDomain } from '../../guest/xml/domain.js';
import type { Binding, HostNetwork, Knock } from '../interfaces/network.js';
import { bindCommands } from '../network/nft.js';
import { hostOf, type FakeGuest, type FakeHost, type FakeWorld } from './world.js';

const done = <T>(value: T): Promise<T> => Promise.resolve(value);

/** The network of one fake host. */
export function fakeNetwork(world: FakeWorld, name: HostName): HostNetwork {
  const host = hostOf(world, name);
  const { bindings, facts } = host;
  const list = (): Binding[] =>
    [...bindings].map(([mac, { port, state }]) => ({ mac, tap: port.tap, state }));
  const isAlive = ({ mac, tap }: Pick<Binding, 'mac' | 'tap'>): boolean =>
    [...host.guests.values()].some(
      (guest) =>
        isActive(guest.state) && portsOf(guest).some((p) => p.mac === mac && p.tap === tap),
    );
  const refuse = (why: string) => new CodedError('BINDING_FAILED', `on ${name}: ${why}`);
  return {
    bridges: () => done(facts.bridges),
    switches: () => done([...host.switches]),
    knock: (address, port) => done(knockOn(world, address, port)),
    bind: async (ports, groups) => {
      if (ports.length === 0) return [];
      // As a real host: all or none, and no rule for a group that is not known.
      bindCommands(ports, groups);
      const twin = list().find(
        (bound) => isAlive(bound) && ports.some((p) => p.mac === bound.mac && p.tap !== bound.tap),
      );
      if (twin) throw refuse(`${twin.mac} is bound for ${twin.tap}`);
      for (const port of ports) {
        const before = bindings.get(port.mac);
        // Another tap is another guest's start, which has not been let in yet; and a tap is one port's.
        const state = before?.port.tap === port.tap ? before.state : 'inactive';
        for (const { mac, tap } of list()) if (tap === port.tap) bindings.delete(mac);
        bindings.set(port.mac, { port, state });
      }
      return list();
    },
    activate: async (ports) => {
      for (const port of ports) {
        if (bindings.get(port.mac)?.port.tap !== port.tap) throw refuse(`${port.tap} is not bound`);
        if (!isAlive(port)) throw refuse(`${port.tap} is not on ${port.bridge ?? 'a bridge'}`);
      }
      for (const { mac } of ports) Object.assign(bindings.get(mac) ?? {}, { state: 'active' });
    },
    unbind: async (ports) => {
      // A guest that runs here with the same address keeps its rules.
      const mine = list().filter(({ mac }) => ports.some((port) => port.mac === mac));
      for (const binding of mine) if (!isAlive(binding)) bindings.delete(binding.mac);
      return [];
    },
    bindings: async () => list(),
    describe: bindCommands,
  };
}

/** The ports of a guest as it runs; of one that cannot be read, none. */
function portsOf({ xml }: FakeGuest): Port[] {
  try {
    return parseDomain(xml).ports;
  } catch {
    return [];
  }
}

function knockOn(world: FakeWorld, address: string, port: number): Knock {
  const asked = [...world.hosts.values()].filter((host) => isAt(host, address));
  if (world.isLinkCut || asked.length === 0) return 'silent';
  if (asked.some(({ droppedPorts }) => droppedPorts.has(port))) return 'silent';
  return SERVED.includes(port) ? 'accepts' : 'refuses';
}

/** ssh, libvirt with TLS and without: what every host serves. */
const SERVED = [22, 16514, 16509];
const isAt = ({ record }: FakeHost, address: string): boolean =>
  [record.ssh.address, record.migrationAddress, new URL(record.libvirtUri).hostname].includes(
    address,
  );
