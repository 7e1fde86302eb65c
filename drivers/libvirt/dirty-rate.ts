/** How fast a guest writes to its memory. */
import type { VmUuid } from '../../model/ids.js';
import { pause } from '../deadline.js';
import type { Calls } from './calls.js';
import { LibvirtError } from './errors.js';
import { readDomain, writeDomain } from './domain-ref.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

const STATS_DIRTY_RATE = 512;
/** `dirtyrate.calc_status` (virDomainDirtyRateStatus). */
const [MEASURING, MEASURED] = [1, 2];

/**
 * Bytes per second, measured by QEMU for that many seconds; `undefined` if it does not say in time. QEMU measures once at a time:
 * if it does so already, for an attempt that was cut off or for somebody else, that answer is taken.
 */
export async function measureDirtyRate(
  calls: Calls,
  uuid: VmUuid,
  seconds: number,
): Promise<number | undefined> {
  const { call, refOf } = calls;
  try {
    await call(
      PROC.startDirtyRate,
      writeDomain(new XdrWriter(), await refOf(uuid))
        .int(seconds)
        .uint(0),
    );
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    if ((await measured(calls, uuid)).status !== MEASURING) throw error;
  }
  for (
    const deadline = Date.now() + (seconds + 5) * 1000;
    Date.now() < deadline;
    await pause(200)
  ) {
    const { status, rate } = await measured(calls, uuid);
    if (status === MEASURED && typeof rate === 'number') return rate * 1024 * 1024;
  }
  return undefined;
}

async function measured({ call, refOf }: Calls, uuid: VmUuid) {
  const body = writeDomain(new XdrWriter().uint(1), await refOf(uuid));
  const answer = await call(PROC.getAllDomainStats, body.uint(STATS_DIRTY_RATE).uint(0));
  const [stats] = answer.array(() => (readDomain(answer), answer.params()));
  return {
    status: stats?.get('dirtyrate.calc_status'),
    rate: stats?.get('dirtyrate.megabytes_per_second'),
  };
}
