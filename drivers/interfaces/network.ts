/** What drover needs of a host's network: bindings of ports, inactive, active or absent; each verb is idempotent. */
import type { BindingState, Port, SecurityGroup } from '../../model/network.js';

/** A port as it is bound on a host, under that host's tap name. */
export interface Binding {
  readonly mac: string;
  readonly tap: string;
  readonly state: BindingState;
}

/** One host's network driver. */
export interface HostNetwork {
  bridges(): Promise<string[]>;
  /** True if a TCP connection from this host to that port is accepted within five seconds. */
  reaches(address: string, port: number): Promise<boolean>;
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
