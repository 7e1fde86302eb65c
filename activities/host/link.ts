/** Whether two hosts reach each other. */
import type { Ends } from '../guest/location.js';

/** Ports of libvirt's remote transports (libvirt's uri.html). */
const PORTS: Readonly<Record<string, number>> = { ssh: 22, tcp: 16_509, tls: 16_514 };

/** Where the source's libvirtd calls the target's; no port for a transport that has none of its own. */
export function libvirtAddress(libvirtUri: string): { address: string; port: number | undefined } {
  const { hostname, port, protocol } = new URL(libvirtUri);
  return {
    address: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || PORTS[protocol.slice('qemu+'.length, -1)],
  };
}

/** Whether the source reaches the target's libvirtd; a transport without a port of its own is believed. */
export async function isLinked({ source, target }: Ends): Promise<boolean> {
  const { address, port } = libvirtAddress(target.host.libvirtUri);
  return !port || source.network.reaches(address, port);
}
