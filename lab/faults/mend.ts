/** What an operator does where nothing else helps. */
import { runInLab } from '../observer.js';
import type { Scene } from './faults.js';

/** The guest's memory cannot be brought together: both parts end, and it boots where its definition and its (shared) disks are. */
export async function startFromDisks({ vm, source, target }: Scene): Promise<void> {
  const end = 'virsh -q list --name | grep -qx "$0" || exit 0; virsh -q destroy "$0"';
  for (const host of [target, source]) await runInLab(host, ['sh', '-c', end, vm]);
  await runInLab(source, ['virsh', '-q', 'start', vm]);
}
