/** What is turned while a transfer runs: how long its switchover may take, the switch to post-copy, and the pause at its deadline. */
import type { Hypervisor } from '../../drivers/interfaces/hypervisor/hypervisor.js';
import type { VmUuid } from '../../model/ids.js';
import type { TransferOptions, TransferProgress } from '../../model/migration.js';

/**
 * QEMU switches over as soon as what is left can be sent within the allowed downtime, and then takes all of it: one
 * more pass over a quiet guest would have cost a tenth (docs/performance.md). So it begins low, as Nova's steps do.
 */
const FIRST_SHARE = 10;

/** The downtime that is allowed at first, in milliseconds. */
export const firstDowntimeMs = ({ maxDowntimeMs }: TransferOptions): number =>
  Math.ceil(maxDowntimeMs / FIRST_SHARE);

/** Looks at the figures and turns what is due; says whether the memory is on both hosts from now on. */
export function steering(hypervisor: Hypervisor, uuid: VmUuid, options: TransferOptions) {
  const { maxDowntimeMs, isPostCopyAllowed } = options;
  let downtimeMs = firstDowntimeMs(options);
  let isSwitchDue = isPostCopyAllowed;
  let seen = 1;
  return async ({ iteration, remainingBytes }: TransferProgress): Promise<boolean> => {
    // The first pass sends all there is and says nothing of the guest.
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

/** Says if it was done: a transfer that ends in this very moment is no failure. */
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
