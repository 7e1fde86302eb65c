/** Starting, stopping and pausing a fake host's guests. */
import type { VmUuid } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';
import { parseDomain } from '../../guest/xml/domain.js';
import type { LifecycleEvent, Power } from '../interfaces/hypervisor/power.js';
import { failed, type AtHost } from './at-host.js';
import { addTpmState } from './build.js';
import { filesOf, type FakeGuest } from './world.js';

/** Another state; a guest that ends is what its definition says from then on. */
export function power(guest: FakeGuest, state: FakeGuest['state']): void {
  if (state === 'shutoff') guest.xml = guest.definition;
  Object.assign(guest, { state, reason: 'other' });
}

/** Its guests, which listen at once. */
export function fakePower(at: AtHost): Power {
  const { host, guestOf, done } = at;
  return {
    shutdown: async (uuid) => done(power(guestOf(uuid), 'shutoff')),
    destroy: async (uuid) => done(power(guestOf(uuid), 'shutoff')),
    start: async (uuid, { isPaused }) => {
      const guest = guestOf(uuid);
      if (isActive(guest.state)) return done(undefined);
      openDisks(at, uuid, guest);
      return done(power(guest, isPaused ? 'paused' : 'running'));
    },
    resume: async (uuid) => done(power(guestOf(uuid), 'running')),
    suspend: async (uuid) => done(power(guestOf(uuid), 'paused')),
    onLifecycle: (uuid, event, listener) => {
      const told = (of: VmUuid, what: LifecycleEvent) =>
        of === uuid && what === event ? listener() : undefined;
      host.listeners.add(told);
      return done(() => void host.listeners.delete(told));
    },
    addOverlays: async (uuid, overlays) => {
      const guest = guestOf(uuid);
      for (const { base, overlay } of overlays) {
        replaceIn(guest, base, overlay);
        host.files.set(overlay, { content: `delta over:${base}`, isFolder: false });
      }
      return done(undefined);
    },
    commitOverlays: async (uuid, overlays) => {
      const guest = guestOf(uuid);
      for (const { base, overlay } of overlays) replaceIn(guest, overlay, base);
      return done(undefined);
    },
  };
}

const replaceIn = (guest: FakeGuest, from: string, to: string): void => {
  guest.xml = guest.xml.replaceAll(from, to);
  guest.definition = guest.definition.replaceAll(from, to);
};

/** A guest starts only where its files and its volumes are; a TPM without a state is a new one. */
function openDisks({ world, name, host }: AtHost, uuid: VmUuid, guest: FakeGuest): void {
  const { disks, tpm } = parseDomain(guest.xml);
  for (const { source: at } of disks) {
    if (at.kind === 'file' && !filesOf(world, host, at.path).has(at.path))
      throw failed(name, `cannot open ${at.path}`, 9);
    if (at.kind === 'network' && !host.volumes.has(at.name))
      throw failed(name, `${at.name} is not connected`, 9);
  }
  if (tpm && !host.files.has(`${tpm.stateFolder}/tpm2-00.permall`))
    addTpmState(host, uuid, 'new and empty');
}
