/** A hypervisor in memory. It keeps and loses what libvirt keeps and loses: secrets, snapshots, saved memory, a TPM's state. */
import { CodedError } from '../../model/errors.js';
import type { HostName, VmUuid } from '../../model/ids.js';
import { VmName } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';
import { Confidential } from '../../model/confidential.js';
import type { Attached, Snapshot } from '../interfaces/hypervisor/definitions.js';
import type { Hypervisor } from '../interfaces/hypervisor/hypervisor.js';
import type { LifecycleEvent } from '../interfaces/hypervisor/power.js';
import { parseDomain } from '../../guest/xml/domain.js';
import { addTpmState } from './build.js';
import { power, resumeTransfer, runTransfer, SENT } from './transfer.js';
import {
  checkInvariants,
  filesOf,
  hostOf,
  type FakeGuest,
  type FakeHost,
  type FakeSnapshot,
  type FakeWorld,
} from './world.js';

/** The hypervisor of one fake host. */
export function fakeHypervisor(world: FakeWorld, name: HostName): Hypervisor {
  const host = hostOf(world, name);
  const guestOf = (uuid: VmUuid): FakeGuest => {
    const guest = host.guests.get(uuid);
    if (!guest) throw failed(name, 'Domain not found', 42);
    return guest;
  };
  const shown = (uuid: VmUuid, { name: vmName, state, reason, isPersistent }: FakeGuest) => ({
    uuid,
    name: VmName.parse(vmName),
    state,
    reason: reason ?? 'other',
    isPersistent,
  });
  const done = <T>(value: T): Promise<T> => {
    checkInvariants(world);
    return Promise.resolve(value);
  };
  const { networks, ...facts } = host.facts;
  return {
    facts: () => done(facts),
    networks: () => done(networks),
    guests: () => done([...host.guests].map(([uuid, guest]) => shown(uuid, guest))),
    find: (uuid) => done(host.guests.has(uuid) ? shown(uuid, guestOf(uuid)) : undefined),
    readMark: (uuid) => {
      const guest = host.guests.get(uuid);
      return done(guest && (guest.mark ? { mark: guest.mark } : {}));
    },
    writeMark: (uuid, mark) => {
      const guest = host.guests.get(uuid);
      if (guest) guest.mark = mark;
      return done(undefined);
    },
    xml: async (uuid, view) => done(withoutSecrets(viewOf(guestOf(uuid), view === 'live'))),
    secretXml: async (uuid, view) =>
      done(new Confidential(viewOf(guestOf(uuid), view === 'migratable'))),
    // As every guest of the fake data centre has them.
    size: async (uuid) => {
      guestOf(uuid);
      return done({ memoryBytes: 1024 ** 3, vcpus: 1 });
    },
    kept: async (uuid) => {
      const { hasManagedSave = false, snapshots = [], checkpoints = [] } = guestOf(uuid);
      return done({ hasManagedSave, snapshots, checkpoints });
    },
    snapshots: async (uuid) => done((guestOf(uuid).snapshots ?? []).map(toSnapshot)),
    defineSnapshots: async (uuid, snapshots) => {
      const guest = guestOf(uuid);
      if (snapshots.length > 0) guest.snapshots = snapshots.map(fromSnapshot);
      return done(undefined);
    },
    busy: async (uuid) => done([...(guestOf(uuid).jobs ?? [])]),
    pools: () => done([...host.pools].map((folder) => ({ name: folder, folder }))),
    canEmulateTpm: () => done(host.hasSwtpm),
    isAutostart: async (uuid) => done(guestOf(uuid).isAutostart),
    setAutostart: async (uuid, isOn) => {
      guestOf(uuid).isAutostart = isOn;
      return done(undefined);
    },
    define: (xml) => done(define(host, xml.reveal())),
    redefine: async (uuid, change) => done(define(host, change(guestOf(uuid).definition))),
    undefine: (uuid, removing) => {
      const guest = host.guests.get(uuid);
      if (guest) undefine(name, host, uuid, guest, removing);
      return done(undefined);
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
    // The fake's guests listen at once.
    shutdown: async (uuid) => done(power(guestOf(uuid), 'shutoff')),
    destroy: async (uuid) => done(power(guestOf(uuid), 'shutoff')),
    start: async (uuid, { isPaused }) => {
      const guest = guestOf(uuid);
      if (isActive(guest.state)) return done(undefined);
      openDisks(world, name, uuid, guest);
      return done(power(guest, isPaused ? 'paused' : 'running'));
    },
    resume: async (uuid) => done(power(guestOf(uuid), 'running')),
    compareCpu: () => done(host.cpu),
    startTransfer: (uuid, spec) => runTransfer(world, name, uuid, guestOf(uuid), spec),
    job: (uuid) =>
      done(world.jobs.get(uuid)?.source === name ? world.jobs.get(uuid)?.progress : undefined),
    completedJob: () => done(SENT),
    abortJob: (uuid) => {
      world.jobs.get(uuid)?.abort();
      return done(undefined);
    },
    onLifecycle: (uuid, event, listener) => {
      const told = (of: VmUuid, what: LifecycleEvent) =>
        of === uuid && what === event ? listener() : undefined;
      host.listeners.add(told);
      return done(() => void host.listeners.delete(told));
    },
    setMaxDowntime: () => done(undefined),
    suspend: async (uuid) => done(power(guestOf(uuid), 'paused')),
    startPostCopy: () => done(undefined),
    resumePostCopy: (uuid, spec) => resumeTransfer(world, host, uuid, spec),
    endStream: async (uuid) =>
      done(void Object.assign(guestOf(uuid), { reason: 'postcopyFailed' })),
    dirtyRate: () => done(1024 * 1024),
  };
}

const failed = (host: string, why: string, libvirtCode: number): CodedError =>
  new CodedError('LIBVIRT_FAILED', `libvirt on ${host}: ${why}`, { facts: { libvirtCode } });

const viewOf = ({ xml, definition, isPersistent }: FakeGuest, isLive: boolean): string =>
  isLive || !isPersistent ? xml : definition;

/** libvirt leaves them out unless it is asked for them. */
const withoutSecrets = (xml: string): string => xml.replace(/ passwd=["'][^"']*["']/g, '');

const replaceIn = (guest: FakeGuest, from: string, to: string): void => {
  guest.xml = guest.xml.replaceAll(from, to);
  guest.definition = guest.definition.replaceAll(from, to);
};

const toSnapshot = ({ name, isExternal, isCurrent }: FakeSnapshot): Snapshot => ({
  name,
  isCurrent,
  xml: new Confidential(
    `<domainsnapshot><name>${name}</name>${String(isExternal)}</domainsnapshot>`,
  ),
});
const fromSnapshot = ({ name, isCurrent }: Snapshot): FakeSnapshot => ({
  name,
  isExternal: false,
  isCurrent,
});

/** What runs goes on as it is until it ends. */
function define(host: FakeHost, xml: string): void {
  const { uuid, name } = parseDomain(xml);
  const known = host.guests.get(uuid);
  if (known) {
    Object.assign(known, { isPersistent: true, definition: xml });
    if (!isActive(known.state)) known.xml = xml;
    return;
  }
  host.guests.set(uuid, {
    name,
    state: 'shutoff',
    isPersistent: true,
    isAutostart: false,
    xml,
    definition: xml,
  });
}

/** Refuses what libvirt refuses: to lose what was not named. */
function undefine(
  on: HostName,
  host: FakeHost,
  uuid: VmUuid,
  guest: FakeGuest,
  removing: readonly Attached[],
): void {
  if (isActive(guest.state)) {
    guest.isPersistent = false;
    return;
  }
  if (guest.hasManagedSave && !removing.includes('managed save'))
    throw failed(on, 'Refusing to undefine while domain managed save image exists', 55);
  if (guest.snapshots?.length && !removing.includes('snapshots'))
    throw failed(on, `cannot delete inactive domain with ${guest.snapshots.length} snapshots`, 55);
  if (removing.includes('TPM state')) removeTpmState(host, uuid);
  host.guests.delete(uuid);
}

/** The whole folder, and the marks that stand in it. */
function removeTpmState(host: FakeHost, uuid: VmUuid): void {
  const folder = `/var/lib/libvirt/swtpm/${uuid}`;
  for (const path of [...host.files.keys()])
    if (path === folder || path.startsWith(`${folder}/`)) host.files.delete(path);
  for (const path of [...host.marks.keys()])
    if (path.startsWith(`${folder}/`)) host.marks.delete(path);
}

/** A guest starts only where its files and its volumes are; a TPM without a state is a new one. */
function openDisks(world: FakeWorld, name: HostName, uuid: VmUuid, guest: FakeGuest): void {
  const host = hostOf(world, name);
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
