/** A host's libvirtd, reached over ssh: one connection for questions, another one for each transfer. */
import type { Host } from '../../model/host.js';
import type { SshConnection } from '../ssh/connection.js';
import { openRpc, type CallLimit, type RpcConnection } from './rpc/connection.js';
import type { XdrReader, XdrWriter } from './rpc/xdr.js';

const SOCKET = '/run/libvirt/libvirt-sock';

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
  const openOwn = async () => openRpc(host.name, await ssh.openUnixSocket(SOCKET));
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
