/** Lifecycle events of one domain (virDomainEventType and virDomainEventSuspendedDetailType, libvirt-domain.h). */
import type { VmUuid } from '../../model/ids.js';
import type { LifecycleEvent } from '../interfaces/hypervisor/power.js';
import { readDomain, uuidText } from './domain-ref.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

const LIFECYCLE = 0;
const SUSPENDED = 3;
const RESUMED = 4;
/** Details of SUSPENDED: for a migration's last pass, and for the switch to post-copy. */
const MIGRATED = 1;
const POSTCOPY = 7;

const IS: Readonly<Record<LifecycleEvent, (type: number, detail: number) => boolean>> = {
  resumed: (type) => type === RESUMED,
  switchover: (type, detail) => type === SUSPENDED && [MIGRATED, POSTCOPY].includes(detail),
};

/**
 * Calls `listener` at each such event of a domain. The events come on a connection of their own, without asking:
 * a question would wait for the domain's lock, which libvirt holds while it switches over.
 */
export async function onLifecycle(
  link: LibvirtLink,
  uuid: VmUuid,
  event: LifecycleEvent,
  listener: () => void,
): Promise<() => void> {
  const rpc = await link.openOwn();
  rpc.onEvent(PROC.eventLifecycle, (packet) => {
    packet.int(); // Which registration: there is one.
    const domain = readDomain(packet);
    const isMeant = IS[event](packet.int(), packet.int());
    if (isMeant && uuidText(domain.uuid) === uuid) listener();
  });
  // All domains: the one that is awaited may not be known to this host yet.
  await rpc.call(PROC.eventRegister, new XdrWriter().int(LIFECYCLE).uint(0));
  return () => rpc.close();
}
