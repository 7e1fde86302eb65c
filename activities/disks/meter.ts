/** Progress of several copies as one transfer's. */
import type { CopyOrder } from '../../drivers/interfaces/copy.js';
import type { StepContext } from '../kit/implement.js';
import type { TransferProgress } from '../../model/progress.js';

/** Adds up what the copies report; sends figures in the shape that a live transfer has. */
export function copyMeter(
  orders: readonly CopyOrder[],
  { progress, nowMs }: Pick<StepContext, 'progress' | 'nowMs'>,
) {
  const startedAt = nowMs();
  const total = orders.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  const report = (current: number) => {
    const done = Math.min(total, before + current);
    const elapsedMs = nowMs() - startedAt;
    const sent: TransferProgress = {
      elapsedMs,
      totalBytes: total,
      processedBytes: done,
      remainingBytes: total - done,
      diskTotalBytes: total,
      diskProcessedBytes: done,
      dirtyBytesPerSec: 0,
      iteration: 1,
      bytesPerSec: elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0,
      downtimeMs: 0,
      isPostCopy: false,
    };
    progress(sent);
  };
  return {
    of: (order: CopyOrder) => (bytes: number) => report(Math.min(bytes, order.bytes)),
    done({ bytes }: CopyOrder) {
      before += bytes;
    },
  };
}
