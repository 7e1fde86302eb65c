/** Starting a peer-to-peer transfer: what virDomainMigrateToURI3 sends (libvirt-domain.h). */
import { inUri } from '../../model/host-address.js';
import { present } from '../../model/defined.js';
import type { VmUuid } from '../../model/ids.js';
import type { TransferSpec } from '../interfaces/hypervisor/transfers.js';
import { writeDomain, type DomainRef } from './domain-ref.js';
import type { LibvirtLink } from './link.js';
import { MIGRATE, PROC } from './rpc/protocol.js';
import { XdrWriter, type Params } from './rpc/xdr.js';

/** Flags of a transfer. */
export function flagsOf(spec: TransferSpec): number {
  let flags = MIGRATE.live | MIGRATE.peer2peer;
  // With an empty list the flag would copy every disk, volumes included.
  if (spec.copiedDevices.length > 0) flags |= MIGRATE.nonSharedInc;
  if (spec.isSharingProved) flags |= MIGRATE.unsafe;
  if (spec.isPostCopyAllowed) flags |= MIGRATE.postCopy;
  if (spec.isEncrypted) flags |= MIGRATE.tls;
  if (spec.isAutoConverge) flags |= MIGRATE.autoConverge;
  if (spec.parallelConnections > 1) flags |= MIGRATE.parallel;
  return flags;
}

/** Typed parameters of a transfer. */
export function paramsOf(spec: TransferSpec): Params {
  const address = spec.migrationAddress;
  return [
    { name: 'destination_xml', type: 'string', value: spec.liveXml.reveal() },
    ...present([
      address
        ? ({ name: 'migrate_uri', type: 'string', value: `tcp://${inUri(address)}` } as const)
        : undefined,
    ]),
    ...spec.copiedDevices.map(
      (device) => ({ name: 'migrate_disks', type: 'string', value: device }) as const,
    ),
    ...present([
      spec.bandwidthMibPerSec
        ? ({ name: 'bandwidth', type: 'ullong', value: spec.bandwidthMibPerSec } as const)
        : undefined,
    ]),
    // QEMU's limit of its own for post-copy is none; pages that the guest waits for are sent at once nevertheless.
    ...present([
      spec.bandwidthMibPerSec && spec.isPostCopyAllowed
        ? ({ name: 'bandwidth.postcopy', type: 'ullong', value: spec.bandwidthMibPerSec } as const)
        : undefined,
      spec.parallelConnections > 1
        ? ({ name: 'parallel.connections', type: 'int', value: spec.parallelConnections } as const)
        : undefined,
    ]),
  ];
}

/** The call in words, without the XML. */
export function describeTransfer(spec: TransferSpec): string {
  const shown = paramsOf(spec).map(({ name, value }) =>
    name === 'destination_xml' ? `${name}=(below)` : `${name}=${String(value)}`,
  );
  return `virDomainMigrateToURI3 ${spec.targetUri} flags=0x${flagsOf(spec).toString(16)} ${shown.join(' ')}`;
}

/** Allows the switchover a pause of so many milliseconds, before the transfer or while it runs. */
export async function setMaxDowntime(link: LibvirtLink, ref: DomainRef, ms: number): Promise<void> {
  await link.call(PROC.migrateSetMaxDowntime, writeDomain(new XdrWriter(), ref).uhyper(ms).uint(0));
}

type RefOf = (uuid: VmUuid) => Promise<DomainRef>;

/** Starts the transfer and settles as libvirt's answer does. */
export async function startTransfer(
  link: LibvirtLink,
  refOf: RefOf,
  uuid: VmUuid,
  spec: TransferSpec,
): Promise<void> {
  const ref = await refOf(uuid);
  await setMaxDowntime(link, ref, spec.firstDowntimeMs);
  await perform(link, ref, spec, flagsOf(spec));
}

/** Goes on with a post-copy that broke (VIR_MIGRATE_POSTCOPY_RESUME), and settles as libvirt's answer does. */
export const resumeTransfer = async (
  link: LibvirtLink,
  refOf: RefOf,
  uuid: VmUuid,
  spec: TransferSpec,
): Promise<void> => perform(link, await refOf(uuid), spec, flagsOf(spec) | MIGRATE.postCopyResume);

async function perform(
  link: LibvirtLink,
  ref: DomainRef,
  spec: TransferSpec,
  flags: number,
): Promise<void> {
  const rpc = await link.openOwn();
  try {
    const body = writeDomain(new XdrWriter(), ref)
      .optionalString(spec.targetUri)
      .params(paramsOf(spec));
    await rpc.call(PROC.migratePerform3Params, body.opaque(Buffer.alloc(0)).uint(flags), 'never');
  } finally {
    rpc.close();
  }
}
