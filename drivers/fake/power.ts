/** Starting, stopping and pausing a fake host's guests. */
import type { VmUuid } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';
import { parseDomain } from '../../guest/xml/domain.js';
import type { LifecycleEvent, Power } from '../interfaces/hypervisor/power.js';
import { failed, type AtHost } from './at-host.js';
import { addTpmState } from './build.js';
import { poolsOn, requireListed } from './pools.js';
import { addOverlays, commitOverlays } from './overlays.js';
import { filesOf, nextMoment, type FakeGuest } from './world.js';

/** Another state; a guest that ends is what its definition says from then on. */
export function power(guest: FakeGuest, state: FakeGuest['state']): void {
  if (state === 'shutoff') Object.assign(guest, { xml: guest.definition, mark: guest.definedMark });
  Object.assign(guest, { state, reason: 'other' });
}

/** Its guests, which listen at once. */
export function fakePower(at: AtHost): Power {
  const { host, guestOf, done } = at;
  /** Off is fine; a host forgets a guest that it has no definition of. */
  const end = async (uuid: VmUuid) => {
    const guest = guestOf(uuid);
    if (isActive(guest.state)) {
      power(guest, 'shutoff');
      host.logs.set(guest.name, nextMoment());
    }
    if (!guest.isPersistent) host.guests.delete(uuid);
    return done(undefined);
  };
  return {
    shutdown: end,
    destroy: end,
    start: async (uuid, { isPaused }) => {
      const guest = guestOf(uuid);
      if (isActive(guest.state)) return done(undefined);
      openDisks(at, uuid, guest);
      // A saved memory is gone once it is used.
      guest.hasManagedSave = false;
      host.logs.set(guest.name, nextMoment());
      return done(power(guest, isPaused ? 'paused' : 'running'));
    },
    resume: async (uuid) => {
      const guest = guestOf(uuid);
      if (guest.state !== 'paused') return done(undefined);
      power(guest, 'running');
      for (const told of host.listeners) told(uuid, 'resumed');
      return done(undefined);
    },
    suspend: async (uuid) => {
      const guest = guestOf(uuid);
      // Why one is paused already does not change.
      return done(guest.state === 'running' ? power(guest, 'paused') : undefined);
    },
    onLifecycle: (uuid, event, listener) => {
      const told = (of: VmUuid, what: LifecycleEvent) =>
        of === uuid && what === event ? listener() : undefined;
      host.listeners.add(told);
      return done(() => void host.listeners.delete(told));
    },
    addOverlays: async (uuid, overlays) => done(addOverlays(at, guestOf(uuid), overlays)),
    commitOverlays: async (uuid, overlays) => done(commitOverlays(guestOf(uuid), overlays)),
  };
}

/** A guest starts only where its files and its volumes are; a TPM without a state is a new one. */
function openDisks({ world, name, host }: AtHost, uuid: VmUuid, guest: FakeGuest): void {
  requireListed(host, guest.xml);
  const { disks, tpm } = parseDomain(guest.xml, poolsOn(host));
  for (const { source: at } of disks) {
    if (at.kind === 'file' && !filesOf(world, host, at.path).has(at.path))
      throw failed(name, `cannot open ${at.path}`, 38);
    if (at.kind === 'network' && !host.volumes.has(at.name))
      throw failed(name, `${at.name} is not connected`, 1);
  }
  if (tpm && !host.files.has(`${tpm.stateFolder}/tpm2-00.permall`))
    addTpmState(host, uuid, 'new and empty');
}
