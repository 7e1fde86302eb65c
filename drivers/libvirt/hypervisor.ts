/** The hypervisor interface in libvirt's typed calls. */
import type { Host } from '../../model/host.js';
import type { Hypervisor } from '../interfaces/hypervisor/hypervisor.js';
import type { HostShell } from '../interfaces/shell.js';
import { callsOf } from './calls.js';
import { definitionsOn } from './definitions.js';
import { factsOn } from './facts.js';
import type { LibvirtLink } from './link.js';
import { readMark, writeMark, type MarkCalls } from './mark.js';
import { powerOn } from './power.js';
import { secretsOn } from './secrets.js';
import { transfersFrom } from './transfers.js';

/** The hypervisor of one host. */
export function libvirtHypervisor(host: Host, link: LibvirtLink, shell: HostShell): Hypervisor {
  const calls = callsOf(link);
  const facts = factsOn(host, calls, shell);
  const definitions = definitionsOn(calls);
  const marks: MarkCalls = { call: calls.call, refOf: calls.refOf, find: facts.find };
  return {
    ...facts,
    ...definitions,
    ...secretsOn(calls),
    ...powerOn(calls, link, definitions),
    ...transfersFrom(calls, link, shell),
    readMark: (uuid) => readMark(marks, uuid),
    writeMark: (uuid, mark) => writeMark(marks, uuid, mark),
  };
}
