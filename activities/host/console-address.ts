/** Where a guest's consoles listen on the target: on that host's address in the network in which they listen on the source. */
import { BlockList, isIP } from 'node:net';
import type { HostAddress } from '../../model/host-facts.js';

/**
 * The target's address for one of the source's; the same if the target has it too, and for a name, which each host resolves for
 * itself; `undefined` if there is none.
 * An address in another network is never chosen: whoever may reach that one may not reach the console.
 */
export function addressLike(
  on: string,
  source: readonly HostAddress[],
  target: readonly HostAddress[],
): string | undefined {
  if (isIP(on) === 0 || target.some(({ address }) => address === on)) return on;
  const own = source.find(({ address }) => address === on);
  if (!own) return undefined;
  const network = new BlockList();
  network.addSubnet(on, own.prefixLength, familyOf(on));
  // One address alone (/32) is a service's, which may be on another host tomorrow.
  return target.find(
    ({ address, prefixLength }) =>
      isIP(address) === isIP(on) &&
      prefixLength < (isIP(on) === 6 ? 128 : 32) &&
      network.check(address, familyOf(on)),
  )?.address;
}

/** As node's BlockList wants it. */
export const familyOf = (address: string): 'ipv4' | 'ipv6' =>
  isIP(address) === 6 ? 'ipv6' : 'ipv4';
