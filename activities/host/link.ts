/** Whether two hosts reach each other. */
import type { Host } from '../../model/host.js';
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
  return !port || (await source.network.knock(address, port)) === 'accepts';
}

/**
 * Where a guest's memory is sent: by default to the address by which the target's libvirtd is called, since that one is known to
 * work, and libvirt's own default (the target's hostname) often is not.
 */
export const migrationAddressOf = ({ migrationAddress, libvirtUri }: Host): string =>
  migrationAddress ?? libvirtAddress(libvirtUri).address;

/** The first port on which libvirt lets QEMU listen for a guest's memory (qemu.conf, migration_port_min). */
const FIRST_MIGRATION_PORT = 49_152;

/** Whether anything comes back from there: nobody listens yet, and a refusal is an answer. */
export const isMemoryPathOpen = async ({ source, target }: Ends): Promise<boolean> =>
  (await source.network.knock(migrationAddressOf(target.host), FIRST_MIGRATION_PORT)) !== 'silent';

/** Where a host offers its copies. */
export const copyAddressOf = ({ migrationAddress, ssh }: Host): string =>
  migrationAddress ?? ssh.address;
