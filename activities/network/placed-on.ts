/** A guest's ports as they are on its target. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { Device } from '../../model/ids.js';
import { attachedTo } from '../../model/placement.js';
import { targetTap, type Port } from '../../model/network.js';

/** Under drover's own taps, and on the bridges that they are attached to there; a network that is not there has none. */
export async function placedOn(
  { hypervisor }: HostDrivers,
  ports: readonly Port[],
): Promise<Port[]> {
  const isAsked = ports.some((port) => attachedTo(port).network !== undefined);
  const networks = isAsked ? await hypervisor.networks() : [];
  return ports.map((port): Port => {
    const { bridge, network } = attachedTo(port);
    const placed = { ...port, bridge, network, tap: targetTap(port.mac) };
    if (network === undefined) return placed;
    const found = networks.find(({ name }) => name === network);
    return { ...placed, bridge: Device.safeParse(found?.bridge).data };
  });
}
