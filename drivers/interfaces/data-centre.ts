/** All hosts behind one interface: the real ones, or the fake data centre of the tests. */
import type { Host } from '../../model/host.js';
import type { HostName } from '../../model/ids.js';
import type { Hypervisor } from './hypervisor/hypervisor.js';
import type { ImageStore } from './images.js';
import type { HostNetwork } from './network.js';
import type { RenderedDefinitions } from './rendered.js';
import type { HostStorage } from './storage.js';
import type { HostSurroundings } from './surroundings.js';
import type { HostTraces } from './traces.js';

/** The drivers of one host. */
export interface HostDrivers {
  readonly host: Host;
  readonly hypervisor: Hypervisor;
  readonly network: HostNetwork;
  readonly storage: HostStorage;
  readonly rendered: RenderedDefinitions;
  readonly surroundings: HostSurroundings;
  readonly traces: HostTraces;
  /** The image store as this host reaches it. */
  readonly images: ImageStore;
}

/** Hands out the drivers of a registered host. */
export interface DataCentre {
  /** @throws HOST_UNKNOWN */
  on(name: HostName): Promise<HostDrivers>;
  close(): void;
}
