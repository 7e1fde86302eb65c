import type { TransferProgress } from '../../model/progress.js';
import type { XdrReader } from './rpc/xdr.js';

/** virDomainJobType: 0 none, 1 bounded, 2 unbounded, 3 completed, 4 failed, 5 cancelled. */
const NONE = 0;
/** virDomainJobOperation: 5 migration out (libvirt-domain.h). */
const MIGRATION_OUT = 5;

/** The migration's figures, or nothing if no migration job is there. */
export function readJob(reader: XdrReader): TransferProgress | undefined {
  const type = reader.int();
  const stats = reader.params();
  const number = (name: string): number => {
    const value = stats.get(name);
    return typeof value === 'number' ? value : 0;
  };
  if (type === NONE || (stats.has('operation') && number('operation') !== MIGRATION_OUT))
    return undefined;
  return {
    elapsedMs: number('time_elapsed'),
    totalBytes: number('data_total'),
    processedBytes: number('data_processed'),
    remainingBytes: number('data_remaining'),
    diskTotalBytes: number('disk_total'),
    diskProcessedBytes: number('disk_processed'),
    dirtyBytesPerSec: number('memory_dirty_rate') * (number('memory_page_size') || 4096),
    bytesPerSec: number('memory_bps') + number('disk_bps'),
    iteration: number('memory_iteration'),
    downtimeMs: number('downtime'),
    isPostCopy: number('memory_postcopy_requests') > 0,
  };
}
