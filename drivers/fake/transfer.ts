/** Transfers in memory: they move the guest and its copied disks in one instant that nobody can split. */
import { CodedError } from '../../model/errors.js';
import type { HostName, VmUuid } from '../../model/ids.js';
import type { TransferProgress } from '../../model/progress.js';
import type { LifecycleEvent } from '../interfaces/hypervisor/power.js';
import type { TransferSpec } from '../interfaces/hypervisor/transfers.js';
import { parseDomain, type DomainFacts } from '../../guest/xml/domain.js';
import { addTpmState } from './build.js';
import { poolsOn, requireListed } from './pools.js';
import { power } from './power.js';
import {
  checkInvariants,
  filesOf,
  hostOf,
  type FakeGuest,
  type FakeHost,
  type FakeWorld,
} from './world.js';

/** What every transfer has sent. */
const SENT: TransferProgress = {
  elapsedMs: 900,
  totalBytes: 268435456,
  processedBytes: 80000000,
  remainingBytes: 0,
  diskTotalBytes: 0,
  diskProcessedBytes: 0,
  dirtyBytesPerSec: 0,
  bytesPerSec: 90000000,
  iteration: 2,
  downtimeMs: 40,
  isPostCopy: false,
};

/** Starts a transfer; how it ends is the world's to say. */
export function runTransfer(
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
export function resumeTransfer(
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

/** The switchover. */
function move(
  world: FakeWorld,
  sourceName: HostName,
  targetName: HostName,
  uuid: VmUuid,
  guest: FakeGuest,
  spec: TransferSpec,
): void {
  const [source, target] = [hostOf(world, sourceName), hostOf(world, targetName)];
  const xml = spec.liveXml.reveal();
  carry(world, source, target, uuid, spec);
  for (const { mac } of parseDomain(xml).ports)
    if (!target.bindings.has(mac))
      throw new Error(`the guest starts on ${targetName} without rules for ${mac}`);
  target.guests.set(uuid, {
    ...guest,
    state: 'running',
    reason: 'other',
    isPersistent: false,
    isAutostart: false,
    xml,
    definition: xml,
  });
  guest.lastJob = SENT;
  // It stands still here, and what it needs is there, its taps as well.
  tell(source, uuid, 'switchover');
  if (world.transfer === 'leaves a paused copy')
    Object.assign(guest, { state: 'paused', reason: 'migration' });
  else if (world.transfer === 'breaks in post-copy') split(guest, target.guests.get(uuid));
  else if (guest.isPersistent) power(guest, 'shutoff');
  else source.guests.delete(uuid);
  checkInvariants(world);
  tell(target, uuid, 'resumed');
}

/** What QEMU brings with the memory: copied disks' content, firmware variables, a TPM's state. */
function carry(
  world: FakeWorld,
  source: FakeHost,
  target: FakeHost,
  uuid: VmUuid,
  spec: TransferSpec,
): void {
  requireListed(target, spec.liveXml.reveal());
  const { disks, nvram, tpm } = parseDomain(spec.liveXml.reveal(), poolsOn(target));
  const here = parseDomain(source.guests.get(uuid)?.xml ?? spec.liveXml.reveal(), poolsOn(source));
  const variables = nvram && source.files.get(here.nvram ?? nvram);
  if (variables) target.files.set(nvram, variables);
  const keys = tpm && source.files.get(`${tpm.stateFolder}/tpm2-00.permall`);
  if (keys) addTpmState(target, uuid, keys.content);
  for (const { device, source: at } of disks) {
    if (at.kind === 'block' && spec.copiedDevices.includes(device))
      fill(target, at.path, contentOn(world, source, here, device));
    if (at.kind !== 'file') continue;
    const file = filesOf(world, target, at.path).get(at.path);
    if (!file) throw failed(`cannot open ${at.path} on ${target.record.name}`);
    // Whose it is was settled when it was made.
    if (spec.copiedDevices.includes(device))
      target.files.set(at.path, { ...file, content: contentOn(world, source, here, device) });
  }
}

function fill(target: FakeHost, path: string, content: string): void {
  const device = target.devices.get(path);
  if (!device?.taken) throw failed(`${path} on ${target.record.name} was not taken`);
  device.content = content;
}

function contentOn(
  world: FakeWorld,
  host: FakeHost,
  { disks }: Pick<DomainFacts, 'disks'>,
  device: string,
): string {
  const at = disks.find((disk) => disk.device === device)?.source;
  if (at?.kind === 'block') return host.devices.get(at.path)?.content ?? '';
  return at?.kind === 'file' ? (filesOf(world, host, at.path).get(at.path)?.content ?? '') : '';
}

/** Each has a part of the memory, and the guest stands still. The target has heard nothing of the break. */
function split(source: FakeGuest, target: FakeGuest | undefined): void {
  Object.assign(source, { state: 'paused', reason: 'postcopyFailed' });
  Object.assign(target ?? {}, { reason: 'postcopy' });
}

/** libvirt's answer to what went wrong. */
const failed = (why: string): CodedError =>
  new CodedError('LIBVIRT_FAILED', `libvirt: ${why}`, { facts: { libvirtCode: 9 } });
