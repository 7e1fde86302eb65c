/** Which addresses a host's other domains have. */
import { untoldOf, type Neighbours } from './uses.js';

/** Whose ports have which addresses. */
export interface Addresses {
  /** Domains that have a port with this one. */
  withMac(mac: string): readonly string[];
  /** Domains whose ports cannot be read, with the reason. */
  readonly untold: readonly string[];
}

/** The addresses of a host's domains, without a look at its files. */
export async function macsOf(neighbours: Neighbours): Promise<Addresses> {
  const { drivers } = neighbours;
  const domains = await neighbours.domains();
  return {
    withMac: (mac) => domains.filter(({ macs }) => macs.includes(mac)).map(({ by }) => by),
    untold: untoldOf(drivers, domains),
  };
}
