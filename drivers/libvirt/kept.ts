/** What libvirt keeps for a domain beside its definition: a saved memory, snapshots, checkpoints. */
import type { VmUuid } from '../../model/ids.js';
import { Confidential } from '../../model/confidential.js';
import type { Kept, KeptSnapshot, Snapshot } from '../interfaces/hypervisor/definitions.js';
import { defined } from '../../model/defined.js';
import { all, attributeOf, parseXml, rootOf } from '../../guest/xml/document.js';
import { readDomain, writeDomain, type DomainRef } from './domain-ref.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

/** virDomainSnapshotListFlags: external ones only; and parents before their children. */
const [EXTERNAL, TOPOLOGICAL] = [512, 1024];
/** virDomainSnapshotCreateFlags. */
const [REDEFINE, CURRENT] = [1, 2];
/** VIR_DOMAIN_SNAPSHOT_XML_SECURE. */
const SECURE = 1;

/** What the calls need of the hypervisor. */
export interface KeptCalls {
  readonly call: LibvirtLink['call'];
  refOf(uuid: VmUuid): Promise<DomainRef>;
}

/** What a list call of a domain's answers: the names of its snapshots or checkpoints. */
export async function listNames(
  call: KeptCalls['call'],
  ref: DomainRef,
  procedure: number,
  flags: number,
): Promise<string[]> {
  const answer = await call(procedure, writeDomain(new XdrWriter(), ref).int(1).uint(flags));
  return answer.array(() => [answer.string(), readDomain(answer)] as const).map(([name]) => name);
}

/** All of it, by name, in alphabetical order: libvirt's own order differs from one start of the daemon to the next. */
export async function keptOf({ call, refOf }: KeptCalls, uuid: VmUuid): Promise<Kept> {
  const ref = await refOf(uuid);
  const onDomain = () => writeDomain(new XdrWriter(), ref);
  const names = async (procedure: number, flags: number) =>
    (await listNames(call, ref, procedure, flags)).sort();
  const [saved, snapshots, external, checkpoints] = await Promise.all([
    call(PROC.domainHasManagedSave, onDomain().uint(0)),
    names(PROC.listAllSnapshots, 0),
    names(PROC.listAllSnapshots, EXTERNAL),
    names(PROC.listAllCheckpoints, 0),
  ]);
  const filesOf = async (name: string): Promise<KeptSnapshot> => {
    const body = writeDomain(new XdrWriter().string(name), ref).uint(0);
    return externalFrom(name, (await call(PROC.snapshotGetXml, body)).string());
  };
  const read = snapshots.map(async (name) =>
    external.includes(name) ? filesOf(name) : { name, isExternal: false },
  );
  return { hasManagedSave: saved.int() !== 0, snapshots: await Promise.all(read), checkpoints };
}

/** Sample: `<domainsnapshot><memory snapshot='external' file='…'/><disks><disk name='vda' snapshot='external'><source file='…'/></disk></disks></domainsnapshot>` */
function externalFrom(name: string, xml: string): KeptSnapshot {
  const root = rootOf(parseXml(xml, 'domainsnapshot'));
  const diskFiles = all(root, 'disks/disk/source').flatMap((one) => one.getAttribute('file') ?? []);
  const memoryFile = attributeOf(root, 'memory', 'file') ?? undefined;
  return defined({ name, isExternal: true, diskFiles, memoryFile });
}

/** Snapshots with all that libvirt knows of them, each after its parent. */
export async function readSnapshots(
  { call, refOf }: KeptCalls,
  uuid: VmUuid,
): Promise<readonly Snapshot[]> {
  const ref = await refOf(uuid);
  const names = await listNames(call, ref, PROC.listAllSnapshots, TOPOLOGICAL);
  return Promise.all(
    names.map(async (name) => {
      const onSnapshot = () => writeDomain(new XdrWriter().string(name), ref);
      const [xml, current] = await Promise.all([
        call(PROC.snapshotGetXml, onSnapshot().uint(SECURE)),
        call(PROC.snapshotIsCurrent, onSnapshot().uint(0)),
      ]);
      return { name, xml: new Confidential(xml.string()), isCurrent: current.int() !== 0 };
    }),
  );
}

/** Makes snapshots known whose content is in the disks already; one that is known is replaced. */
export async function defineSnapshots(
  { call, refOf }: KeptCalls,
  uuid: VmUuid,
  snapshots: readonly Snapshot[],
): Promise<void> {
  const ref = await refOf(uuid);
  // One after the other: a child needs its parent.
  for (const { xml, isCurrent } of snapshots) {
    const body = writeDomain(new XdrWriter(), ref).string(xml.reveal());
    await call(PROC.snapshotCreateXml, body.uint(REDEFINE | (isCurrent ? CURRENT : 0)));
  }
}
