/** The ports' activation while the guest changes hosts. */
import type { Port } from '../../model/network.js';
import type { VmUuid } from '../../model/ids.js';
import type { Ends } from '../guest/location.js';
import { placedOn } from '../network/placed-on.js';

/**
 * Activates the ports on the target when the guest stands still on the source for the switchover, as Nova does: what
 * is left of its memory goes over meanwhile, and where it runs next the network is ready. The target's own `resumed`
 * is the second chance. libvirt says how the transfer ended only some hundred milliseconds later. It decides nothing:
 * a guest that stands still sends nothing from either host, unbinding takes it back, and `network.activateTarget`
 * does it again and reports a failure.
 * @returns what ends the listening, and waits for an activation that has begun
 */
export async function activateAtSwitchover(
  { source, target }: Ends,
  uuid: VmUuid,
  ports: readonly Port[],
): Promise<() => Promise<void>> {
  let activated = Promise.resolve(false);
  // Asked for now: at the switchover every millisecond is the guest's.
  const placed = await placedOn(target, ports);
  const attempt = () =>
    target.network.activate(placed).then(
      () => true,
      () => false,
    );
  const activate = () => {
    activated = activated.then((isDone) => isDone || attempt());
  };
  const listening = [
    source.hypervisor.onLifecycle(uuid, 'switchover', activate),
    target.hypervisor.onLifecycle(uuid, 'resumed', activate),
  ];
  const stop = async () => {
    for (const one of await Promise.allSettled(listening))
      if (one.status === 'fulfilled') one.value();
    await activated;
  };
  try {
    await Promise.all(listening);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
