/** Bindings in memory. */
import { CodedError } from '../../model/errors.js';
import type { HostName } from '../../model/ids.js';
import type { HostNetwork } from '../interfaces/network.js';
import { isActive } from '../../model/vm.js';
import { bindRules } from '../network/nft.js';
import { hostOf, type FakeWorld } from './world.js';

const done = <T>(value: T): Promise<T> => Promise.resolve(value);

/** The network of one fake host. */
export function fakeNetwork(world: FakeWorld, name: HostName): HostNetwork {
  const { bindings, facts, guests } = hostOf(world, name);
  const isAlive = (mac: string) =>
    [...guests.values()].some(({ state, xml }) => isActive(state) && xml.includes(mac));
  const list = () =>
    done([...bindings].map(([mac, { port, state }]) => ({ mac, tap: port.tap, state })));
  return {
    bridges: () => done(facts.bridges),
    reaches: () => done(!world.isLinkCut),
    bind: async (ports, groups) => {
      // As a real host: all or none, and no rule for a group that is not known.
      for (const port of ports) bindRules(port, groups);
      for (const port of ports)
        bindings.set(port.mac, { port, state: bindings.get(port.mac)?.state ?? 'inactive' });
      return list();
    },
    activate: async (ports) => {
      for (const { mac } of ports) {
        const binding = bindings.get(mac);
        if (!binding) throw new CodedError('BINDING_FAILED', `${mac} is not bound on ${name}`);
        binding.state = 'active';
      }
    },
    unbind: async (ports) => {
      // A guest that runs here with the same address keeps its rules.
      for (const { mac } of ports) if (!isAlive(mac)) bindings.delete(mac);
      return (await list()).filter(({ mac }) => ports.some((p) => p.mac === mac) && !isAlive(mac));
    },
    bindings: list,
    describe: () => [],
  };
}
