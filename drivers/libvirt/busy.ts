/** Jobs that a running guest is busy with, which a move would cut off. */
import type { VmUuid } from '../../model/ids.js';
import type { Busy } from '../interfaces/hypervisor/facts.js';
import { isLibvirtError, VIR_ERR } from './errors.js';
import { writeDomain, type DomainRef } from './domain-ref.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

/** virDomainBlockJobType. */
const BLOCK_JOBS: Readonly<Record<number, string>> = {
  1: 'pull',
  2: 'copy',
  3: 'commit',
  4: 'commit',
  5: 'backup',
};
/** virDomainJobOperation. */
const OPERATIONS: Readonly<Record<number, string>> = {
  1: 'start',
  2: 'save',
  3: 'restore',
  4: 'incoming migration',
  5: 'migration',
  6: 'snapshot',
  7: 'revert to a snapshot',
  8: 'dump',
  9: 'backup',
};

/** What the calls need of the hypervisor. */
export interface BusyCalls {
  readonly call: LibvirtLink['call'];
  refOf(uuid: VmUuid): Promise<DomainRef>;
}

/** The jobs of these disks, and of the domain itself; none for a guest that is off. */
export async function jobsOf(
  { call, refOf }: BusyCalls,
  uuid: VmUuid,
  devices: readonly string[],
): Promise<Busy[]> {
  const ref = await refOf(uuid);
  const onDomain = () => writeDomain(new XdrWriter(), ref);
  const ofDisks = devices.map(async (device): Promise<Busy[]> => {
    try {
      const answer = await call(PROC.blockJobInfo, onDomain().string(device).uint(0));
      const [found, type] = [answer.int(), answer.int()];
      return found === 0 ? [] : [{ device, kind: BLOCK_JOBS[type] ?? `block job ${type}` }];
    } catch (error) {
      // The running guest has no such disk: it is in the definition only.
      if (isLibvirtError(error, VIR_ERR.invalidArgument)) return [];
      throw error;
    }
  });
  const ofDomain = async (): Promise<Busy[]> => {
    const answer = await call(PROC.domainGetJobStats, onDomain().uint(0));
    if (answer.int() === 0) return [];
    const operation = answer.params().get('operation');
    return [{ kind: OPERATIONS[Number(operation)] ?? 'unknown' }];
  };
  try {
    return (await Promise.all([...ofDisks, ofDomain()])).flat();
  } catch (error) {
    // A guest that is off has none; libvirt calls the question invalid.
    if (isLibvirtError(error, VIR_ERR.operationInvalid)) return [];
    throw error;
  }
}
