/** What drover needs of a host's network: bindings of ports, inactive, active or absent; each verb is idempotent. */
import type { BindingState, Port, SecurityGroup } from '../../model/network.js';

/** A port as it is bound on a host, under that host's tap name. */
export interface Binding {
  readonly mac: string;
  readonly tap: string;
  readonly state: BindingState;
}

/** `refuses`: the host answers, and nobody listens there; `silent`: nothing comes back, as behind a firewall that drops packets. */
export type Knock = 'accepts' | 'refuses' | 'silent';

/** One host's network driver. */
export interface HostNetwork {
  bridges(): Promise<string[]>;
  /** Bridges of Open vSwitch; none where that is not there. */
  switches(): Promise<string[]>;
  /** What a TCP connection from this host to that port meets within five seconds. */
  knock(address: string, port: number): Promise<Knock>;
  /**
   * Puts the rules in place; a binding that is there already is replaced in one transaction, its state kept.
   * @returns what is bound on the host then
   * @throws BINDING_FAILED if a guest that runs here has one of the addresses
   */
  bind(ports: readonly Port[], groups: readonly SecurityGroup[]): Promise<Binding[]>;
  /** @throws BINDING_FAILED if a port is not bound here, or its tap is not on its bridge. */
  activate(ports: readonly Port[]): Promise<void>;
  /**
   * Removes the bindings of ports that have no tap here any more; absent ones are fine. A guest that runs here with the same
   * address keeps its rules.
   * @returns those of these ports that are still bound and should not be
   */
  unbind(ports: readonly Port[]): Promise<Binding[]>;
  bindings(): Promise<Binding[]>;
  /** What `bind` would run, for a dry run. */
  describe(ports: readonly Port[], groups: readonly SecurityGroup[]): string[];
}
