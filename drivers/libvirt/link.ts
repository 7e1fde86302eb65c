/** A host's libvirtd, reached over ssh: one connection for questions, another one for each transfer. */
import { CodedError } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import type { SshConnection } from '../ssh/connection.js';
import { openRpc, type CallLimit, type RpcConnection } from './rpc/connection.js';
import type { XdrReader, XdrWriter } from './rpc/xdr.js';

/** libvirtd's or virtproxyd's; and of the daemon for QEMU, where each driver has its own (it asks those for networks, pools and secrets by itself). */
const SOCKETS = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'] as const;

/** Calls to one libvirtd. */
export interface LibvirtLink {
  call(procedure: number, body: XdrWriter, limit?: CallLimit): Promise<XdrReader>;
  /** A connection of its own: the daemon serves five calls of a client at once, and a transfer holds one for long. */
  openOwn(): Promise<RpcConnection>;
  close(): void;
}

/** The link of one host; it connects on first use and again after a loss. */
export function libvirtLink(host: Host, ssh: Pick<SshConnection, 'openUnixSocket'>): LibvirtLink {
  let opened: Promise<RpcConnection> | undefined;
  let [usual, other]: readonly [string, string] = SOCKETS;
  const openOwn = async () => openRpc(host.name, await openSocket());
  const openSocket = async () => {
    try {
      return await ssh.openUnixSocket(usual);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'HOST_UNREACHABLE') throw error;
      const stream = await ssh.openUnixSocket(other).catch(() => Promise.reject(error));
      [usual, other] = [other, usual];
      return stream;
    }
  };
  const connection = async (): Promise<RpcConnection> => {
    const known = opened;
    const current = await known?.catch(() => undefined);
    if (current?.isOpen) return current;
    // Calls that come together wait for the one connection that the first of them dials.
    if (!opened || opened === known) opened = openOwn();
    return opened;
  };
  return {
    call: async (procedure, body, limit) => (await connection()).call(procedure, body, limit),
    openOwn,
    close: () => void opened?.then((rpc) => rpc.close()).catch(() => undefined),
  };
}
