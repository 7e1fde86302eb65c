/** One machine under two names. */
import type { KnownHost } from '../../inventory/rows.js';
import { CodedError } from '../../model/errors.js';
import type { HostFacts } from '../../model/host-facts.js';
import type { HostName } from '../../model/ids.js';

/** Each of its guests would seem to run twice. @throws HOST_TWICE */
export function refuseTwice(
  name: HostName,
  { hostUuid }: HostFacts,
  known: readonly KnownHost[],
): void {
  const twin = known.find(
    ({ host, facts }) => host.name !== name && Boolean(hostUuid) && facts?.hostUuid === hostUuid,
  );
  if (!twin) return;
  const other = twin.host.name;
  throw new CodedError(
    'HOST_TWICE',
    `${name} is ${other}: libvirt has the host UUID ${hostUuid ?? ''} under both names`,
    {
      hint: `drover hosts remove ${name}. If they are two machines, give one another host_uuid in libvirtd.conf: libvirt moves nothing between equal ones.`,
      facts: { host: name, other },
    },
  );
}
