/** Starting, stopping and pausing guests, and their disks while they run. */
import type { Definitions } from '../interfaces/hypervisor/definitions.js';
import type { Power } from '../interfaces/hypervisor/power.js';
import type { Calls } from './calls.js';
import { onLifecycle } from './lifecycle.js';
import type { LibvirtLink } from './link.js';
import { addOverlays, commitOverlays } from './overlays.js';
import { PROC } from './rpc/protocol.js';

/** The guests of one host, as they run. */
export function powerOn(calls: Calls, link: LibvirtLink, { xml }: Pick<Definitions, 'xml'>): Power {
  const { call, refOf, orThereAlready } = calls;
  const disks = { call, refOf, liveXml: (uuid: Parameters<typeof xml>[0]) => xml(uuid, 'live') };
  return {
    shutdown: (uuid) => orThereAlready(PROC.domainShutdown, uuid, 0),
    destroy: (uuid) => orThereAlready(PROC.domainDestroy, uuid, 0),
    start: (uuid, { isPaused }) => orThereAlready(PROC.domainCreate, uuid, isPaused ? 1 : 0),
    resume: (uuid) => orThereAlready(PROC.domainResume, uuid),
    suspend: (uuid) => orThereAlready(PROC.domainSuspend, uuid),
    onLifecycle: (uuid, event, listener) => onLifecycle(link, uuid, event, listener),
    addOverlays: (uuid, overlays) => addOverlays(disks, uuid, overlays),
    commitOverlays: (uuid, overlays, pause) => commitOverlays(disks, uuid, overlays, pause),
  };
}
