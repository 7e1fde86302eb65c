/** How fast a guest writes to its memory. */
import type { VmUuid } from '../../model/ids.js';
import { pause } from '../deadline.js';
import type { Calls } from './calls.js';
import { readDomain, writeDomain } from './domain-ref.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

const STATS_DIRTY_RATE = 512;

/** Bytes per second, measured by QEMU for that many seconds; `undefined` if it does not say in time. */
export async function measureDirtyRate(
  { call, refOf }: Calls,
  uuid: VmUuid,
  seconds: number,
): Promise<number | undefined> {
  await call(
    PROC.startDirtyRate,
    writeDomain(new XdrWriter(), await refOf(uuid))
      .int(seconds)
      .uint(0),
  );
  for (
    const deadline = Date.now() + (seconds + 5) * 1000;
    Date.now() < deadline;
    await pause(200)
  ) {
    const ref = await refOf(uuid);
    const body = new XdrWriter().uint(1);
    const answer = await call(
      PROC.getAllDomainStats,
      writeDomain(body, ref).uint(STATS_DIRTY_RATE).uint(0),
    );
    const [stats] = answer.array(() => (readDomain(answer), answer.params()));
    // 2: VIR_DOMAIN_DIRTYRATE_MEASURED.
    const rate = stats?.get('dirtyrate.megabytes_per_second');
    if (stats?.get('dirtyrate.calc_status') === 2 && typeof rate === 'number')
      return rate * 1024 * 1024;
  }
  return undefined;
}
