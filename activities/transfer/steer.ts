/** What drover adjusts while a transfer runs: how long its switchover may take, and the switch to post-copy. */
import type { Hypervisor } from '../../drivers/interfaces/hypervisor/hypervisor.js';
import type { VmUuid } from '../../model/ids.js';
import type { TransferOptions } from '../../model/migration.js';
import type { TransferProgress } from '../../model/progress.js';

/**
 * QEMU switches over as soon as what is left can be sent within the allowed downtime, and then takes all of it: one
 * more pass over a quiet guest would have cost a tenth (docs/performance.md). So it begins low, as Nova's steps do.
 */
const FIRST_SHARE = 10;

/** The downtime that is allowed at first, in milliseconds. */
export const firstDowntimeMs = ({ maxDowntimeMs }: TransferOptions): number =>
  Math.ceil(maxDowntimeMs / FIRST_SHARE);

/** Compares the figures of each pass and raises the allowed downtime, or switches to post-copy, when it is time. Returns true if the memory is on both hosts from now on. */
export function steering(hypervisor: Hypervisor, uuid: VmUuid, options: TransferOptions) {
  const { maxDowntimeMs, isPostCopyAllowed } = options;
  let downtimeMs = firstDowntimeMs(options);
  let isSwitchDue = isPostCopyAllowed;
  let seen = 1;
  return async ({ iteration, remainingBytes }: TransferProgress): Promise<boolean> => {
    // The first pass sends all memory and says nothing about the guest.
    if (iteration <= seen || remainingBytes === 0) return false;
    if (downtimeMs < maxDowntimeMs) {
      seen = iteration;
      downtimeMs = isPostCopyAllowed ? maxDowntimeMs : Math.min(2 * downtimeMs, maxDowntimeMs);
      await unlessOver(hypervisor, uuid, () => hypervisor.setMaxDowntime(uuid, downtimeMs));
      return false;
    }
    if (!isSwitchDue) return false;
    isSwitchDue = false;
    return unlessOver(hypervisor, uuid, () => hypervisor.startPostCopy(uuid));
  };
}

/** Returns true if it was done: a transfer that ends at this very moment is not a failure. */
async function unlessOver(
  hypervisor: Hypervisor,
  uuid: VmUuid,
  act: () => Promise<void>,
): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (await hypervisor.job(uuid)) throw error;
    return false;
  }
}
