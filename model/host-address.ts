/** Where other hosts reach a host. */
import type { Host } from './host.js';

/** Ports of libvirt's remote transports (libvirt's uri.html). */
const PORTS: Readonly<Record<string, number>> = { ssh: 22, tcp: 16_509, tls: 16_514 };

/** In a URI an IPv6 address has brackets. */
export const inUri = (address: string): string =>
  address.includes(':') ? `[${address}]` : address;

/** Where the source's libvirtd calls the target's; no port for a transport that has none of its own. */
export function libvirtAddress(libvirtUri: string): { address: string; port: number | undefined } {
  const { hostname, port, protocol } = new URL(libvirtUri);
  return {
    address: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || PORTS[protocol.slice('qemu+'.length, -1)],
  };
}

/**
 * Where a guest's memory is sent, and copies are fetched: by default the address by which other hosts call its libvirtd, since that
 * one is known to work, and libvirt's own default (the host's name) often is not; drover's own way to the host may be another (ssh).
 */
export const migrationAddressOf = ({ migrationAddress, libvirtUri }: Host): string =>
  migrationAddress ?? libvirtAddress(libvirtUri).address;
