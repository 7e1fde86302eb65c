/** Removing ports' rules from a host: not those that another guest there may have too. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Binding } from '../../drivers/interfaces/network.js';
import type { VmUuid } from '../../model/ids.js';
import type { Port } from '../../model/network.js';
import { macsOf } from '../host/addresses.js';
import { neighboursOn } from '../host/uses.js';

/**
 * Rules are kept by their port's MAC, and a guest that is off has no tap by which the host could tell that they are his: so all
 * others there are asked, also those that are off. One that does not tell may have any address.
 * @returns what is still bound and should not be, and in words what stays since it may be somebody else's
 */
export async function unbindUnshared(
  host: HostDrivers,
  except: VmUuid | undefined,
  ports: readonly Port[],
): Promise<{ left: Binding[]; kept: string[] }> {
  if (ports.length === 0) return { left: [], kept: [] };
  const bound = await host.network.bindings();
  const mine = bound.filter(({ mac }) => ports.some((port) => port.mac === mac));
  if (mine.length === 0) return { left: [], kept: [] };
  const { withMac, untold } = await macsOf(neighboursOn(host, except));
  const whoHas = (mac: string): string[] => [
    ...withMac(mac).map((name) => `${name} there has that address too`),
    ...untold,
  ];
  const free = ports.filter(({ mac }) => whoHas(mac).length === 0);
  const left = free.length > 0 ? await host.network.unbind(free) : [];
  const kept = mine.flatMap(({ mac, tap }) => {
    const [why] = whoHas(mac);
    return why === undefined ? [] : [`the rules of the port ${mac} (${tap}), since ${why}`];
  });
  return { left, kept };
}
