/** What a fake host says of itself and its guests. */
import { VmName } from '../../model/ids.js';
import type { VmUuid } from '../../model/ids.js';
import type { Facts, GuestOnHost, Reach } from '../interfaces/hypervisor/facts.js';
import { isActive } from '../../model/vm.js';
import { parseDomain } from '../../guest/xml/domain.js';
import { failed, type AtHost } from './at-host.js';
import type { FakeGuest, FakeWorld } from './world.js';

/** Its answers. */
export function fakeFacts({ world, name, host, guestOf, done }: AtHost): Facts {
  const { networks, ...facts } = host.facts;
  return {
    facts: () => done(facts),
    networks: () => done(networks),
    pools: () =>
      done(
        [...host.pools].map(([called, { folder, isActive }]) => ({
          name: called,
          folder,
          isActive,
          isOfFiles: true,
        })),
      ),
    nwfilters: () => done([...host.nwfilters]),
    allotments: () => done(host.allotments),
    reach: (libvirtUri) => done(reach(world, libvirtUri)),
    guests: () => done([...host.guests].map(([uuid, guest]) => shown(uuid, guest))),
    find: (uuid) => done(host.guests.has(uuid) ? shown(uuid, guestOf(uuid)) : undefined),
    lastRun: (guest) => done(host.logs.get(guest)),
    size: async (uuid) => done(sizeOf(guestOf(uuid).xml)),
    busy: async (uuid) => {
      const { state, jobs = [] } = guestOf(uuid);
      return done(isActive(state) ? [...jobs] : []);
    },
    canEmulateTpm: () => done(host.hasSwtpm),
    compareCpu: ({ cpuXml }) => {
      const lacks = [...host.lacksCpuFeatures].filter((name) =>
        new RegExp(`['"]${name}['"]`).test(cpuXml),
      );
      return done(
        lacks.length > 0 ? { is: 'incompatible', lacks: lacks.join(',') } : { is: 'enough' },
      );
    },
    givenCpu: () => done(host.givenCpu),
    dirtyRate: async (uuid) => {
      if (!isActive(guestOf(uuid).state)) throw failed(name, 'domain is not running', 55);
      return done(1024 * 1024);
    },
  };
}

function reach({ hosts, isLinkCut }: FakeWorld, libvirtUri: string): Reach {
  const isThere = [...hosts.values()].some(({ record }) => record.libvirtUri === libvirtUri);
  return isThere && !isLinkCut ? { is: 'reached' } : { is: 'refused', why: 'no route to host' };
}

/** libvirt knows it also of a domain whose XML drover cannot read: then it is that of the other fake guests. */
function sizeOf(xml: string): { memoryBytes: number; vcpus: number } {
  try {
    const { memoryBytes, vcpus } = parseDomain(xml);
    return { memoryBytes, vcpus };
  } catch {
    return { memoryBytes: 1024 ** 3, vcpus: 1 };
  }
}

const shown = (
  uuid: VmUuid,
  { name, state, reason = 'other', isPersistent }: FakeGuest,
): GuestOnHost => ({ uuid, name: VmName.parse(name), state, reason, isPersistent });
