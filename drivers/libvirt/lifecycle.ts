/** Lifecycle events of one domain (virDomainEventType, libvirt-domain.h). */
import type { VmUuid } from '../../model/ids.js';
import { readDomain, uuidText } from './domain-ref.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

const LIFECYCLE = 0;
const RESUMED = 4;

/**
 * Calls `listener` at each `resumed` event of a domain. The events come on a connection of their own, without asking:
 * a question would wait for the domain's lock, which libvirt holds while it switches over.
 */
export async function onResumed(
  link: LibvirtLink,
  uuid: VmUuid,
  listener: () => void,
): Promise<() => void> {
  const rpc = await link.openOwn();
  rpc.onEvent(PROC.eventLifecycle, (packet) => {
    packet.int(); // Which registration: there is one.
    const domain = readDomain(packet);
    if (packet.int() === RESUMED && uuidText(domain.uuid) === uuid) listener();
  });
  // All domains: the one that is awaited is not known to this host yet.
  await rpc.call(PROC.eventRegister, new XdrWriter().int(LIFECYCLE).uint(0));
  return () => rpc.close();
}
