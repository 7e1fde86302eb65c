/** A hypervisor in memory: transfers move the guest and its copied disks in one instant that nobody can split. */
import { CodedError } from '../../model/errors.js';
import type { HostName, VmUuid } from '../../model/ids.js';
import { VmName } from '../../model/ids.js';
import type { TransferProgress } from '../../model/migration.js';
import { isActive } from '../../model/vm.js';
import type { Hypervisor, LifecycleEvent, TransferSpec } from '../hypervisor.js';
import { parseDomain } from '../libvirt/xml/domain.js';
import {
  checkInvariants,
  filesOf,
  hostOf,
  type FakeGuest,
  type FakeHost,
  type FakeWorld,
} from './world.js';

const SENT: TransferProgress = {
  ...{
    elapsedMs: 900,
    totalBytes: 268435456,
    processedBytes: 80000000,
    remainingBytes: 0,
    diskTotalBytes: 0,
    diskProcessedBytes: 0,
  },
  ...{
    dirtyBytesPerSec: 0,
    bytesPerSec: 90000000,
    iteration: 2,
    downtimeMs: 40,
    isPostCopy: false,
  },
};

/** The hypervisor of one fake host. */
export function fakeHypervisor(world: FakeWorld, name: HostName): Hypervisor {
  const host = hostOf(world, name);
  const guestOf = (uuid: VmUuid): FakeGuest => {
    const guest = host.guests.get(uuid);
    if (!guest)
      throw new CodedError('LIBVIRT_FAILED', `libvirt on ${name}: Domain not found`, {
        facts: { libvirtCode: 42 },
      });
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
  return {
    facts: () => done(host.facts),
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
    xml: async (uuid) => done(guestOf(uuid).xml),
    isAutostart: async (uuid) => done(guestOf(uuid).isAutostart),
    setAutostart: async (uuid, isOn) => {
      guestOf(uuid).isAutostart = isOn;
      return done(undefined);
    },
    define: (xml) => {
      const { uuid, name: vmName } = parseDomain(xml);
      const known = host.guests.get(uuid);
      host.guests.set(
        uuid,
        known
          ? { ...known, isPersistent: true, ...(isActive(known.state) ? {} : { xml }) }
          : { name: vmName, state: 'shutoff', isPersistent: true, isAutostart: false, xml },
      );
      return done(undefined);
    },
    undefine: (uuid) => {
      const guest = host.guests.get(uuid);
      if (guest && isActive(guest.state)) guest.isPersistent = false;
      else host.guests.delete(uuid);
      return done(undefined);
    },
    addOverlays: async (uuid, overlays) => {
      const guest = guestOf(uuid);
      for (const { base, overlay } of overlays) {
        guest.xml = guest.xml.replace(`'${base}'`, `'${overlay}'`);
        host.files.set(overlay, { content: `delta over:${base}`, isFolder: false });
      }
      return done(undefined);
    },
    commitOverlays: async (uuid, overlays) => {
      const guest = guestOf(uuid);
      for (const { base, overlay } of overlays)
        guest.xml = guest.xml.replace(`'${overlay}'`, `'${base}'`);
      return done(undefined);
    },
    // The fake's guests listen at once.
    shutdown: async (uuid) => done(power(guestOf(uuid), 'shutoff')),
    destroy: async (uuid) => done(power(guestOf(uuid), 'shutoff')),
    start: async (uuid, { isPaused }) => {
      const guest = guestOf(uuid);
      if (isActive(guest.state)) return done(undefined);
      openDisks(world, name, guest);
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

const power = (guest: FakeGuest, state: FakeGuest['state']): void =>
  void Object.assign(guest, { state, reason: 'other' });

/** A guest starts only where its files and its volumes are, and where its ports have their rules. */
function openDisks(world: FakeWorld, name: HostName, guest: FakeGuest): void {
  const host = hostOf(world, name);
  const { disks } = parseDomain(guest.xml);
  for (const { source: at } of disks) {
    if (at.kind === 'file' && !filesOf(world, host, at.path).has(at.path))
      throw new CodedError('LIBVIRT_FAILED', `libvirt on ${name}: cannot open ${at.path}`);
    if (at.kind === 'network' && !host.volumes.has(at.name))
      throw new CodedError('LIBVIRT_FAILED', `libvirt on ${name}: ${at.name} is not connected`);
  }
}

function runTransfer(
  world: FakeWorld,
  source: HostName,
  uuid: VmUuid,
  guest: FakeGuest,
  spec: TransferSpec,
): Promise<void> {
  const target = targetOf(world, spec);
  if (!target) return Promise.reject(failed('no host answers at the target URI'));
  if (world.transfer === 'fails') return Promise.reject(failed('the stream broke'));
  if (world.transfer === 'loses the guest') {
    guest.state = 'shutoff';
    return Promise.reject(failed('domain is not running'));
  }
  if (world.transfer !== 'runs') {
    move(world, source, target.record.name, uuid, guest, spec);
    return world.transfer === 'breaks in post-copy'
      ? Promise.reject(failed("job 'migration out' failed in post-copy phase"))
      : Promise.resolve();
  }
  return new Promise((resolve, reject) => {
    const finish = () => {
      world.jobs.delete(uuid);
      move(world, source, target.record.name, uuid, guest, spec);
      resolve();
    };
    const abort = () => {
      world.jobs.delete(uuid);
      reject(failed('operation aborted'));
    };
    world.jobs.set(uuid, {
      source,
      target: target.record.name,
      progress: { ...SENT, remainingBytes: 1 },
      abort,
      finish,
    });
  });
}

const targetOf = (world: FakeWorld, { targetUri }: TransferSpec): FakeHost | undefined =>
  [...world.hosts.values()].find(({ record }) => record.libvirtUri === targetUri);

/** As long as the world breaks transfers, the link is down. */
function resumeTransfer(
  world: FakeWorld,
  source: FakeHost,
  uuid: VmUuid,
  spec: TransferSpec,
): Promise<void> {
  const arrived = targetOf(world, spec)?.guests.get(uuid);
  if (!arrived || world.transfer === 'breaks in post-copy')
    return Promise.reject(failed('unable to connect to the target'));
  if (arrived.reason === 'postcopy')
    return Promise.reject(failed('migration is being actively monitored by another thread'));
  source.guests.delete(uuid);
  arrived.reason = 'other';
  return Promise.resolve();
}

function tell({ listeners }: FakeHost, uuid: VmUuid, event: LifecycleEvent): void {
  for (const told of listeners) told(uuid, event);
}

/** The switchover. The copied disks' content arrives with the guest. */
function move(
  world: FakeWorld,
  sourceName: HostName,
  targetName: HostName,
  uuid: VmUuid,
  guest: FakeGuest,
  spec: TransferSpec,
): void {
  const [source, target] = [hostOf(world, sourceName), hostOf(world, targetName)];
  const { disks, ports, nvram } = parseDomain(spec.liveXml);
  const variables = nvram && source.files.get(nvram);
  if (variables) target.files.set(nvram, variables);
  for (const { device, source: at } of disks) {
    if (at.kind !== 'file') continue;
    const file = filesOf(world, target, at.path).get(at.path);
    if (!file)
      throw new CodedError('LIBVIRT_FAILED', `libvirt on ${targetName}: cannot open ${at.path}`);
    if (spec.copiedDevices.includes(device))
      target.files.set(at.path, source.files.get(at.path) ?? file);
  }
  for (const { mac } of ports)
    if (!target.bindings.has(mac))
      throw new Error(`the guest starts on ${targetName} without rules for ${mac}`);
  tell(source, uuid, 'switchover');
  target.guests.set(uuid, {
    ...guest,
    state: 'running',
    reason: 'other',
    isPersistent: false,
    isAutostart: false,
    xml: spec.liveXml,
  });
  if (world.transfer === 'leaves a paused copy')
    Object.assign(guest, { state: 'paused', reason: 'migration' });
  else if (world.transfer === 'breaks in post-copy') split(guest, target.guests.get(uuid));
  else if (guest.isPersistent) guest.state = 'shutoff';
  else source.guests.delete(uuid);
  checkInvariants(world);
  tell(target, uuid, 'resumed');
}

/** Each has a part of the memory, and the guest stands still. The target has heard nothing of the break. */
function split(source: FakeGuest, target: FakeGuest | undefined): void {
  Object.assign(source, { state: 'paused', reason: 'postcopyFailed' });
  Object.assign(target ?? {}, { reason: 'postcopy' });
}

const failed = (why: string): CodedError =>
  new CodedError('LIBVIRT_FAILED', `libvirt: ${why}`, { facts: { libvirtCode: 9 } });
