/** Whether two hosts reach each other. */
import { libvirtAddress, migrationAddressOf } from '../../model/host-address.js';
import type { Ends } from '../guest/location.js';

/** Whether the source reaches the target's libvirtd; a transport without a port of its own is believed. */
export async function isLinked({ source, target }: Ends): Promise<boolean> {
  const { address, port } = libvirtAddress(target.host.libvirtUri);
  return !port || (await source.network.knock(address, port)) === 'accepts';
}

/** The first port on which libvirt lets QEMU listen for a guest's memory (qemu.conf, migration_port_min). */
const FIRST_MIGRATION_PORT = 49_152;

/** Whether anything comes back from there: nobody listens yet, and a refusal is an answer. */
export const isMemoryPathOpen = async ({ source, target }: Ends): Promise<boolean> =>
  (await source.network.knock(migrationAddressOf(target.host), FIRST_MIGRATION_PORT)) !== 'silent';
