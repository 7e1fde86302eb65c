/** What a fake host says of itself and its guests. */
import { VmName } from '../../model/ids.js';
import type { VmUuid } from '../../model/ids.js';
import type { Facts, GuestOnHost } from '../interfaces/hypervisor/facts.js';
import type { AtHost } from './at-host.js';
import type { FakeGuest } from './world.js';

/** Its answers. */
export function fakeFacts({ host, guestOf, done }: AtHost): Facts {
  const { networks, ...facts } = host.facts;
  return {
    facts: () => done(facts),
    networks: () => done(networks),
    pools: () => done([...host.pools].map((folder) => ({ name: folder, folder }))),
    guests: () => done([...host.guests].map(([uuid, guest]) => shown(uuid, guest))),
    find: (uuid) => done(host.guests.has(uuid) ? shown(uuid, guestOf(uuid)) : undefined),
    // As every guest of the fake data centre has them.
    size: async (uuid) => {
      guestOf(uuid);
      return done({ memoryBytes: 1024 ** 3, vcpus: 1 });
    },
    busy: async (uuid) => done([...(guestOf(uuid).jobs ?? [])]),
    canEmulateTpm: () => done(host.hasSwtpm),
    compareCpu: () => done(host.cpu),
    dirtyRate: () => done(1024 * 1024),
  };
}

const shown = (
  uuid: VmUuid,
  { name, state, reason = 'other', isPersistent }: FakeGuest,
): GuestOnHost => ({ uuid, name: VmName.parse(name), state, reason, isPersistent });
