/** The fake data centre behind the real interfaces, with a fault to inject at any call. */
import { CodedError } from '../../model/errors.js';
import { MigrationId, type HostName } from '../../model/ids.js';
import type { DataCentre, HostDrivers } from '../interfaces/data-centre.js';
import type { RenderedDefinitions } from '../interfaces/rendered.js';
import type { HostTraces } from '../interfaces/traces.js';
import { fakeHypervisor } from './hypervisor.js';
import { fakeNetwork } from './network.js';
import { fakeStorage } from './storage.js';
import { hostOf, type FakeWorld } from './world.js';

/** `before`: fails and nothing happened; `after`: it happened and failed; `lost`: it happened and the reply is lost. */
export type FaultMode = 'before' | 'after' | 'lost';

/** Watches every driver call, and breaks one. */
export interface Faults {
  /** The call to break, counted from 1. */
  at?: { readonly call: number; readonly mode: FaultMode };
  /** What was called, in order. */
  readonly calls: string[];
}

const QUIET = new Set(['describe', 'accepts', 'kindOf']);

/** Wraps an object so that each of its async methods passes the fault injector. */
export function faulty<T extends object>(target: T, label: string, faults: Faults): T {
  return new Proxy(target, {
    get(object, property, receiver) {
      const value: unknown = Reflect.get(object, property, receiver);
      const name = String(property);
      if ((name === 'files' || name === 'copier') && typeof value === 'object' && value)
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
  const isHit = faults.calls.length === faults.at?.call;
  if (!isHit) return call();
  const { mode } = faults.at as { mode: FaultMode };
  if (mode === 'before') throw new CodedError('COMMAND_FAILED', `injected before ${name}`);
  await call();
  if (mode === 'after') throw new CodedError('COMMAND_FAILED', `injected after ${name}`);
  throw new CodedError('HOST_UNREACHABLE', `injected: the reply of ${name} is lost`);
}

/** A data centre over a world. */
export function fakeDataCentre(world: FakeWorld, faults: Faults = { calls: [] }): DataCentre {
  return {
    on: async (name): Promise<HostDrivers> => ({
      host: hostOf(world, name).record,
      hypervisor: faulty(fakeHypervisor(world, name), `${name}.hypervisor`, faults),
      network: faulty(fakeNetwork(world, name), `${name}.network`, faults),
      storage: faulty(fakeStorage(world, name), `${name}.storage`, faults),
      rendered: faulty(fakeRendered(world, name), `${name}.rendered`, faults),
      traces: fakeTraces(world, name),
      images: faulty(
        {
          find: (fileName: string) => {
            const content = world.imageStore.get(fileName);
            return Promise.resolve(
              content === undefined ? undefined : { url: fileName, sha256: content },
            );
          },
        },
        `${name}.images`,
        faults,
      ),
    }),
    close: () => undefined,
  };
}

function fakeRendered(world: FakeWorld, host: HostName): RenderedDefinitions {
  const { rendered } = hostOf(world, host);
  return {
    put: (owner, name, xml) => Promise.resolve(void rendered.set(`${owner}/${name}`, xml)),
    get: (owner, name) => Promise.resolve(rendered.get(`${owner}/${name}`)),
    remove: (owner) => {
      for (const key of rendered.keys()) if (key.startsWith(`${owner}/`)) rendered.delete(key);
      return Promise.resolve();
    },
  };
}

/** Marks and rendered definitions are all that the fake's migrations can leave. */
function fakeTraces(world: FakeWorld, name: HostName): HostTraces {
  const { marks, rendered } = hostOf(world, name);
  const traceOf = (kind: 'mark' | 'rendered', subject: string, owner: string) => ({
    kind,
    subject,
    owner: MigrationId.parse(owner),
  });
  return {
    find: () =>
      Promise.resolve([
        ...[...marks].flatMap(([subject, owners]) =>
          [...owners].map((owner) => traceOf('mark', subject, owner)),
        ),
        ...[...new Set([...rendered.keys()].map((key) => key.split('/')[0] ?? ''))].map((owner) =>
          traceOf('rendered', `/var/lib/drover/rendered-${owner}`, owner),
        ),
      ]),
    aside: () => Promise.resolve([]),
    removeCopies: () => Promise.resolve(),
  };
}
