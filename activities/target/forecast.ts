/** Before the start: will pre-copy end, on this link, with what the guest writes? (B5, B7) */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError } from '../../model/errors.js';
import type { TransferOptions } from '../../model/migration.js';
import type { Forecast } from '../../model/report.js';
import type { DiskPlan } from '../../model/storage.js';
import type { Vm } from '../../model/vm.js';

/** A pass shorter than this ends soon whatever the guest does; measuring would cost more than it is worth. */
const WORTH_MEASURING_SECONDS = 5;
/** Below this share of the link, each pass is clearly shorter than the one before. */
const CONVERGING_SHARE = 0.8;

/** Measures the dirty rate where it matters, and says what follows. Bytes and seconds. */
export async function forecastOf(
  source: HostDrivers,
  target: HostDrivers,
  vm: Vm,
  disks: readonly DiskPlan[],
  options: TransferOptions,
  isMeasured: boolean,
): Promise<Forecast> {
  const linkMib = Math.min(
    source.host.linkMibPerSec,
    target.host.linkMibPerSec,
    options.bandwidthMibPerSec ?? Infinity,
  );
  const linkBytesPerSec = linkMib * 1024 * 1024;
  const diskBytes = disks
    .filter(({ handling }) => handling === 'copy')
    .reduce((sum, { inspection }) => sum + inspection.allocatedBytes, 0);
  const passSeconds = (vm.memoryBytes + diskBytes) / linkBytesPerSec;
  const dirty =
    isMeasured || passSeconds > WORTH_MEASURING_SECONDS
      ? await source.hypervisor.dirtyRate(vm.uuid, 1).catch(unlessItCannot)
      : undefined;
  return {
    memoryBytes: vm.memoryBytes,
    linkBytesPerSec,
    ...judge(passSeconds, linkBytesPerSec, dirty, options),
  };
}

/** A forecast is advice: no move is refused because an older QEMU cannot measure. */
function unlessItCannot(error: unknown): undefined {
  if (!(error instanceof CodedError) || error.code !== 'LIBVIRT_FAILED') throw error;
}

function judge(
  passSeconds: number,
  linkBytesPerSec: number,
  dirtyBytesPerSec: number | undefined,
  options: TransferOptions,
) {
  if (dirtyBytesPerSec === undefined) {
    return {
      verdict: 'converges' as const,
      expectedSeconds: passSeconds,
      explanation: `one pass takes about ${passSeconds.toFixed(1)} s; the dirty rate was not measured`,
    };
  }
  const share = dirtyBytesPerSec / linkBytesPerSec;
  const isConverging = share < CONVERGING_SHARE;
  const expectedSeconds = isConverging ? passSeconds / (1 - share) : passSeconds * 5;
  const percent = `the guest dirties ${Math.round(share * 100)} % of what the link carries`;
  const verdict = isConverging
    ? ('converges' as const)
    : share < 3
      ? ('needs-auto-converge' as const)
      : ('needs-post-copy' as const);
  const isHelped =
    options.isPostCopyAllowed || (options.isAutoConverge && verdict === 'needs-auto-converge');
  const advice =
    isConverging || isHelped
      ? ''
      : '; allow --auto-converge or --post-copy, or the transfer may not end';
  return { verdict, expectedSeconds, dirtyBytesPerSec, explanation: `${percent}${advice}` };
}
