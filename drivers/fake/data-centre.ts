/** The fake data centre behind the real interfaces, with a fault to inject at any call. */
import { CodedError } from '../../model/errors.js';
import type { HostName } from '../../model/ids.js';
import type { DataCentre, HostDrivers } from '../interfaces/data-centre.js';
import { fakeHypervisor } from './hypervisor.js';
import { fakeNetwork } from './network.js';
import { fakeStorage } from './storage.js';
import { fakeRendered, fakeTraces } from './traces.js';
import type { HostSurroundings } from '../interfaces/surroundings.js';
import { filesOf, hostOf, type FakeHost, type FakeWorld } from './world.js';

/** `before`: fails and nothing happened; `after`: it happened and failed; `lost`: it happened and the reply is lost. */
export type FaultMode = 'before' | 'after' | 'lost';

/** Watches every driver call, and breaks one. */
export interface Faults {
  /** The call to break, counted from 1. */
  at?: { readonly call: number; readonly mode: FaultMode };
  /** What was called, in order. */
  readonly calls: string[];
  /** Sees each call before it has its effect: what else happens on the hosts meanwhile. */
  onCall?: (name: string) => void;
}

const QUIET = new Set(['describe', 'accepts', 'kindOf']);

/** Wraps an object so that each of its async methods passes the fault injector. */
export function faulty<T extends object>(target: T, label: string, faults: Faults): T {
  return new Proxy(target, {
    get(object, property, receiver) {
      const value: unknown = Reflect.get(object, property, receiver);
      const name = String(property);
      if (['files', 'copier', 'devices'].includes(name) && typeof value === 'object' && value)
        return faulty(value, `${label}.${name}`, faults);
      if (name === 'kindOf')
        return (...args: unknown[]) =>
          faulty((value as (...a: unknown[]) => object)(...args), `${label}.disk`, faults);
      if (typeof value !== 'function' || QUIET.has(name)) return value;
      return (...args: unknown[]) =>
        inject(`${label}.${name}`, faults, () =>
          (value as (...a: unknown[]) => Promise<unknown>).apply(object, args),
        );
    },
  });
}

async function inject(
  name: string,
  faults: Faults,
  call: () => Promise<unknown>,
): Promise<unknown> {
  faults.calls.push(name);
  faults.onCall?.(name);
  const isHit = faults.calls.length === faults.at?.call;
  if (!isHit) return call();
  const { mode } = faults.at as { mode: FaultMode };
  if (mode === 'before') throw new CodedError('COMMAND_FAILED', `injected before ${name}`);
  await call();
  if (mode === 'after') throw new CodedError('COMMAND_FAILED', `injected after ${name}`);
  throw new CodedError('HOST_UNREACHABLE', `injected: the reply of ${name} is lost`);
}

const fakeSurroundings = (world: FakeWorld, host: FakeHost): HostSurroundings => ({
  look: () => Promise.resolve(host.surroundings),
  equipment: ({ commands, folders }) => {
    const there = {
      commands: commands.filter((name) => COMMANDS.has(name) && !host.lacks.has(name)),
      folders: folders.filter((path) => filesOf(world, host, path).get(path)?.isFolder),
    };
    const clockMs = Date.now() + host.clockAheadMs;
    return Promise.resolve({ ...host.equipment, ...there, clockMs });
  },
});

/** What a fake host could run. */
const COMMANDS = new Set(
  'qemu-img qemu-nbd nft ip ss perl bash find df sha256sum base64 stat timeout truncate openssl curl swtpm'.split(
    ' ',
  ),
);

/** A data centre over a world. */
export function fakeDataCentre(world: FakeWorld, faults: Faults = { calls: [] }): DataCentre {
  // A step asks for its hosts many times, and a test plays thousands of steps.
  const made = new WeakMap<FakeHost, Omit<HostDrivers, 'host'>>();
  return {
    on: async (name): Promise<HostDrivers> => {
      const host = hostOf(world, name);
      const drivers = made.get(host) ?? driversOf(world, name, faults);
      made.set(host, drivers);
      return { ...drivers, host: host.record };
    },
    close: () => undefined,
  };
}

function driversOf(world: FakeWorld, name: HostName, faults: Faults): Omit<HostDrivers, 'host'> {
  const broken = <T extends object>(target: T, label: string): T =>
    faulty(target, `${name}.${label}`, faults);
  const images = {
    find: (fileName: string) => {
      const sha256 = world.imageStore.get(fileName);
      return Promise.resolve(sha256 === undefined ? undefined : { url: fileName, sha256 });
    },
  };
  return {
    hypervisor: broken(fakeHypervisor(world, name), 'hypervisor'),
    network: broken(fakeNetwork(world, name), 'network'),
    storage: broken(fakeStorage(world, name), 'storage'),
    rendered: broken(fakeRendered(world, name), 'rendered'),
    surroundings: broken(fakeSurroundings(world, hostOf(world, name)), 'surroundings'),
    traces: fakeTraces(world, name),
    images: broken(images, 'images'),
  };
}
