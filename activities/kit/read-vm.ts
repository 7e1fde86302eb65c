/** Reads a domain from a host as drover's record of a VM. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import type { GuestOnHost } from '../../drivers/hypervisor.js';
import { parseDomain } from '../../drivers/libvirt/xml/domain.js';
import { isActive, type Vm } from '../../model/vm.js';

/** The VM and its XML, live if it runs, else as it is defined. */
export async function readVm(
  { host, hypervisor }: HostDrivers,
  guest: GuestOnHost,
): Promise<{ vm: Vm; xml: string }> {
  const [xml, isAutostart] = await Promise.all([
    hypervisor.xml(guest.uuid, isActive(guest.state) ? 'live' : 'inactive'),
    guest.isPersistent ? hypervisor.isAutostart(guest.uuid) : false,
  ]);
  return { vm: { ...parseDomain(xml), host: host.name, state: guest.state, isAutostart }, xml };
}
