/** Checkpoints of a domain: what libvirt knows of the bitmaps in its disks. */
import { Confidential } from '../../model/confidential.js';
import type { VmUuid } from '../../model/ids.js';
import type { Checkpoint } from '../interfaces/hypervisor/definitions.js';
import { writeDomain } from './domain-ref.js';
import { listNames, type KeptCalls } from './kept.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

/** virDomainCheckpointListFlags: parents before their children. */
const TOPOLOGICAL = 2;
/** virDomainCheckpointCreateFlags. */
const REDEFINE = 1;
/** VIR_DOMAIN_CHECKPOINT_XML_SECURE. */
const SECURE = 1;
/** virDomainCheckpointDeleteFlags: the bitmaps stay in the disks. */
const METADATA_ONLY = 2;

/** With all that libvirt knows of them, each after its parent. */
export async function readCheckpoints(
  { call, refOf }: KeptCalls,
  uuid: VmUuid,
): Promise<readonly Checkpoint[]> {
  const ref = await refOf(uuid);
  const names = await listNames(call, ref, PROC.listAllCheckpoints, TOPOLOGICAL);
  return Promise.all(
    names.map(async (name) => {
      const body = writeDomain(new XdrWriter().string(name), ref).uint(SECURE);
      const xml = (await call(PROC.checkpointGetXml, body)).string();
      return { name, xml: new Confidential(xml) };
    }),
  );
}

/** Their names, each after its parent. */
export const namesOfCheckpoints = async (
  { call, refOf }: KeptCalls,
  uuid: VmUuid,
): Promise<string[]> => listNames(call, await refOf(uuid), PROC.listAllCheckpoints, TOPOLOGICAL);

/** Makes checkpoints known whose bitmaps are in the disks already; one that is known is replaced. */
export async function defineCheckpoints(
  { call, refOf }: KeptCalls,
  uuid: VmUuid,
  checkpoints: readonly Checkpoint[],
): Promise<void> {
  const ref = await refOf(uuid);
  // One after the other: a child needs its parent.
  for (const { xml } of checkpoints) {
    const body = writeDomain(new XdrWriter(), ref).string(xml.reveal());
    await call(PROC.checkpointCreateXml, body.uint(REDEFINE));
  }
}

/** Forgets checkpoints, the last one first; their bitmaps stay in the disks. */
export async function forgetCheckpoints(
  { call, refOf }: KeptCalls,
  uuid: VmUuid,
  names: readonly string[],
): Promise<void> {
  const ref = await refOf(uuid);
  for (const name of [...names].reverse())
    await call(
      PROC.checkpointDelete,
      writeDomain(new XdrWriter().string(name), ref).uint(METADATA_ONLY),
    );
}
