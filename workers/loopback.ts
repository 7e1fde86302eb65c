/** Where `drover up` may listen: Temporal's dev server asks nobody who he is. */
import { BlockList, isIPv6 } from 'node:net';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { CodedError } from '../model/errors.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** The two parts of `127.0.0.1:7233`, `localhost:7233` or `[::1]:7233`. @throws BAD_CONFIG for what others can reach (S16) */
export function loopbackOf(address: string): { ip: string; port: number } {
  const [, bracketed, plain = '', digits = ''] = /^(?:\[(.+)\]|([^:]*)):(\d+)$/.exec(address) ?? [];
  const name = bracketed ?? plain;
  const ip = name === 'localhost' ? '127.0.0.1' : name;
  const port = Number(digits);
  const isOwn = LOOPBACK.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
  if (isOwn && port > 0 && port < 65_536) return { ip, port };
  throw new CodedError('BAD_CONFIG', `drover up does not listen on ${address}`, {
    hint: 'Whoever reaches its server can move every guest, so it listens on loopback only (TEMPORAL_ADDRESS=127.0.0.1:PORT). For a server of your own, run drover worker.',
  });
}

/** True if all that listens on this port is that process's: another one's answers would be taken for its own. */
export function isOnlyListener(pid: number, port: number): boolean {
  const listening = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => inodesIn(file, port));
  const own = new Set(socketsOf(pid));
  return listening.length > 0 && listening.every((inode) => own.has(inode));
}

/** The user of this machine whose process made that connection; nothing if none did. */
export function userOf(client: { port: number }, server: { port: number }): number | undefined {
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(rowsOf);
  return rows.find(({ port, peerPort }) => port === client.port && peerPort === server.port)?.uid;
}

const LISTENS = '0A';
const inodesIn = (file: string, port: number): string[] =>
  rowsOf(file).flatMap((row) => (row.state === LISTENS && row.port === port ? [row.inode] : []));

const portIn = (address: string): number => parseInt(address.split(':')[1] ?? '', 16);
/** `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode` */
const rowsOf = (file: string) =>
  linesOf(file).map((line) => {
    const [, local = '', remote = '', state, , , , uid, , inode = ''] = line.trim().split(/\s+/);
    return { state, port: portIn(local), peerPort: portIn(remote), uid: Number(uid), inode };
  });

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1);
  } catch {
    // A kernel without IPv6 has no tcp6.
    return [];
  }
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? [];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}
