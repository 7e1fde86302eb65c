/** Whether a host has what a VM's ports are attached to: a bridge of that name, or a network of libvirt's that is active. */
import type { HostFacts } from '../model/host-facts.js';
import { attachedTo } from '../model/placement.js';
import type { Port } from '../model/network.js';

/** What the host lacks, each thing once, in words. */
export const networkObjections = (
  { ports }: { readonly ports: readonly Port[] },
  facts: Pick<HostFacts, 'bridges' | 'networks'>,
  host: string,
): string[] => [...new Set(ports.flatMap((port) => objectionTo(port, facts, host)))];

function objectionTo(
  port: Port,
  { bridges, networks }: Pick<HostFacts, 'bridges' | 'networks'>,
  host: string,
): string[] {
  const { bridge, network } = attachedTo(port);
  if (network === undefined)
    return bridge !== undefined && !bridges.includes(bridge)
      ? [`it lacks the bridge ${bridge}`]
      : [];
  const found = networks.find(({ name }) => name === network);
  if (!found) return [`network ${network} is not defined on ${host}: virsh net-define FILE`];
  if (!found.isActive)
    return [`network ${network} is not active on ${host}: virsh net-start ${network}`];
  return found.bridge === undefined
    ? [`network ${network} on ${host} attaches guests in a way that drover does not know yet`]
    : [];
}
