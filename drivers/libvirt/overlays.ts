/** External disk snapshots without metadata, and their commit: what a warm copy puts over a guest's disks for a while. */
import { CodedError } from '../../model/errors.js';
import type { HostPath, VmUuid } from '../../model/ids.js';
import { fileOf } from '../../model/storage.js';
import type { Overlay, Pause } from '../interfaces/hypervisor/power.js';
import { writeDomain, type DomainRef } from './domain-ref.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';
import { escapeXml } from '../../guest/xml/document.js';
import { mirrorOf } from '../../guest/xml/disk-files.js';
import { parseDomain, type DomainFacts } from '../../guest/xml/domain.js';

/** virDomainSnapshotCreateFlags: no metadata, disks only, all or nothing. */
const SNAPSHOT_FLAGS = 4 | 16 | 128;
/** virDomainBlockCommitFlags: one layer, the active one. */
const COMMIT_FLAGS = 1 | 4;
/** virDomainBlockJobAbortFlags: to the base instead of back to the overlay. */
const PIVOT = 2;
const POLL_MS = 100;
/** A commit that moves no byte for that long hangs. */
const SILENCE_MS = 60_000;

/** What is needed of a hypervisor to change a domain's disks. */
export interface DiskAccess {
  readonly call: LibvirtLink['call'];
  refOf(uuid: VmUuid): Promise<DomainRef>;
  liveXml(uuid: VmUuid): Promise<string>;
}

/** Puts the overlays that are missing over their disks. */
export async function addOverlays(
  { call, refOf, liveXml }: DiskAccess,
  uuid: VmUuid,
  overlays: readonly Overlay[],
): Promise<void> {
  const facts = parseDomain(await liveXml(uuid));
  const missing = overlays.filter(({ device, overlay }) => fileIn(facts, device) !== overlay);
  if (missing.length === 0) return;
  const disks = facts.disks.map(({ device }) => {
    const wanted = missing.find((candidate) => candidate.device === device);
    return wanted
      ? `<disk name='${device}' snapshot='external'><driver type='qcow2'/><source file='${escapeXml(wanted.overlay)}'/></disk>`
      : `<disk name='${device}' snapshot='no'/>`;
  });
  const xml = `<domainsnapshot><disks>${disks.join('')}</disks></domainsnapshot>`;
  const body = writeDomain(new XdrWriter(), await refOf(uuid))
    .string(xml)
    .uint(SNAPSHOT_FLAGS);
  await call(PROC.snapshotCreateXml, body);
}

/** Takes the overlays that are there off their disks. The files stay; they are surplus then. */
export async function commitOverlays(
  access: DiskAccess,
  uuid: VmUuid,
  overlays: readonly Overlay[],
  pause: Pause,
): Promise<void> {
  for (const overlay of overlays) await commitOne(access, uuid, overlay, pause);
  // The caller removes the overlays next: nothing may be written to them then.
  const facts = parseDomain(await access.liveXml(uuid));
  const inUse = overlays.filter(({ device, overlay }) => fileIn(facts, device) === overlay);
  if (inUse.length > 0)
    throw new CodedError(
      'UNDO_UNVERIFIED',
      `still written to: ${inUse.map(({ overlay }) => overlay).join(', ')}`,
    );
}

/** Each round does what the live XML calls for, so that it does not matter whose attempt began it. */
async function commitOne(
  access: DiskAccess,
  uuid: VmUuid,
  { device, overlay }: Overlay,
  pause: Pause,
): Promise<void> {
  const { call, refOf, liveXml } = access;
  const onDisk = async () => writeDomain(new XdrWriter(), await refOf(uuid)).string(device);
  let [hasBegun, hasPivoted] = [false, false];
  const requireMove = stallGuard(device);
  for (;;) {
    const xml = await liveXml(uuid);
    if (fileIn(parseDomain(xml), device) !== overlay) return;
    const mirror = mirrorOf(xml, device);
    if (mirror === 'none') {
      if (hasBegun) throw uncommitted(device);
      const body = (await onDisk()).optionalString(undefined).optionalString(undefined).uhyper(0);
      await call(PROC.blockCommit, body.uint(COMMIT_FLAGS));
      hasBegun = true;
    } else if (mirror === 'ready' && !hasPivoted) {
      await call(PROC.blockJobAbort, (await onDisk()).uint(PIVOT));
      hasPivoted = true;
    } else {
      requireMove(await doneBytes(call, await onDisk()));
      await pause(POLL_MS);
    }
  }
}

/** How far the disk's block job is. */
async function doneBytes(call: DiskAccess['call'], onDisk: XdrWriter): Promise<number> {
  const answer = await call(PROC.blockJobInfo, onDisk.uint(0));
  answer.int(); // found
  answer.int(); // type
  answer.uhyper(); // bandwidth
  return answer.uhyper();
}

/** Throws when the number that it gets does not change for too long. */
function stallGuard(device: string): (done: number) => void {
  let seen = -1;
  let movedAt = Date.now();
  return (done) => {
    if (done !== seen) movedAt = Date.now();
    seen = done;
    if (Date.now() - movedAt > SILENCE_MS) throw uncommitted(device);
  };
}

const uncommitted = (device: string): CodedError =>
  new CodedError('LIBVIRT_FAILED', `the overlay of ${device} could not be committed`, {
    hint: 'Check virsh blockjob on the host. Nothing is lost: the guest still writes to the overlay.',
  });

function fileIn({ disks }: DomainFacts, device: string): HostPath | undefined {
  const disk = disks.find((candidate) => candidate.device === device);
  return disk && fileOf(disk);
}
