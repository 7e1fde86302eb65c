/** One connection to a libvirtd: calls by serial, events, keepalive; a lost connection fails every pending call. */
import type { Duplex } from 'node:stream';
import { CodedError } from '../../../model/errors.js';
import { withDeadline } from '../../deadline.js';
import { readError } from '../errors.js';
import {
  decodeHeader,
  encodePacket,
  HEADER_BYTES,
  KEEPALIVE_PROGRAM,
  MAX_PACKET_BYTES,
  PROC,
  REMOTE_PROGRAM,
  STATUS,
  TYPE,
} from './protocol.js';
import { XdrReader, XdrWriter } from './xdr.js';

/** A call's limit in milliseconds; `never` for the one call that lasts as long as a transfer. */
export type CallLimit = number | 'never';

/** An open connection. */
export interface RpcConnection {
  call(procedure: number, body: XdrWriter, limit?: CallLimit): Promise<XdrReader>;
  /** Called for each event packet of a procedure; returns what ends it. */
  onEvent(procedure: number, listener: (reader: XdrReader) => void): () => void;
  readonly isOpen: boolean;
  close(): void;
}

const CALL_MS = 15_000;
const PING_EVERY_MS = 5_000;
const PINGS_MISSED = 3;
const MAX_UNSENT_BYTES = 1024 * 1024;

interface Pending {
  resolve(reader: XdrReader): void;
  reject(error: unknown): void;
}

/** Speaks the protocol over an open stream; authenticates and opens `qemu:///system`. */
export async function openRpc(host: string, stream: Duplex): Promise<RpcConnection> {
  const connection = rpcOver(host, stream);
  await connection.call(PROC.authList, new XdrWriter());
  await connection.call(PROC.connectOpen, new XdrWriter().optionalString('qemu:///system').uint(0));
  return connection;
}

function rpcOver(host: string, stream: Duplex): RpcConnection {
  const pending = new Map<number, Pending>();
  const listeners = new Map<number, Set<(reader: XdrReader) => void>>();
  let serial = 0;
  let closedBy: CodedError | undefined;
  let unanswered = 0;

  const fail = (error: CodedError) => {
    if (closedBy) return;
    closedBy = error;
    clearInterval(pings);
    stream.destroy();
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const lost = (why: string) =>
    new CodedError('HOST_UNREACHABLE', `lost libvirtd on ${host}: ${why}`, {
      hint: `Check whether libvirtd runs on ${host}.`,
      facts: { host },
    });
  const pings = setInterval(() => {
    if (++unanswered > PINGS_MISSED)
      fail(lost(`it did not answer for ${(PING_EVERY_MS * PINGS_MISSED) / 1000} s`));
    else
      stream.write(
        encodePacket(
          { program: KEEPALIVE_PROGRAM, procedure: 1, type: TYPE.message, serial: 0, status: 0 },
          Buffer.alloc(0),
        ),
      );
  }, PING_EVERY_MS);
  pings.unref();

  const onPacket = (packet: Buffer) => {
    unanswered = 0;
    const header = decodeHeader(packet);
    const reader = new XdrReader(packet.subarray(HEADER_BYTES));
    if (header.program === KEEPALIVE_PROGRAM) {
      if (header.procedure !== 1) return;
      // Who asks and never reads would have the answers kept for ever (S24).
      if (stream.writableLength > MAX_UNSENT_BYTES) fail(lost('it reads no answers'));
      else stream.write(encodePacket({ ...header, procedure: 2 }, Buffer.alloc(0)));
    } else if (header.type === TYPE.message) {
      for (const listener of listeners.get(header.procedure) ?? []) listener(reader);
    } else {
      const call = pending.get(header.serial);
      pending.delete(header.serial);
      if (header.status === STATUS.ok) call?.resolve(reader);
      else call?.reject(readError(host, reader));
    }
  };
  const split = packetSplitter(onPacket);
  stream.on('data', (chunk: Buffer) => {
    try {
      split(chunk);
    } catch (error) {
      fail(error instanceof CodedError ? error : lost(String(error)));
    }
  });
  stream.on('error', (error: Error) => fail(lost(error.message)));
  // A forwarded socket whose far end is gone ends, but closes only at the next write: too late for a question.
  stream.on('end', () => fail(lost('the connection ended')));
  stream.on('close', () => fail(lost('the connection closed')));

  return {
    get isOpen() {
      return closedBy === undefined;
    },
    call(procedure, body, limit = CALL_MS) {
      if (closedBy) return Promise.reject(closedBy);
      const mine = ++serial;
      const answer = new Promise<XdrReader>((resolve, reject) =>
        pending.set(mine, { resolve, reject }),
      );
      stream.write(
        encodePacket(
          { program: REMOTE_PROGRAM, procedure, type: TYPE.call, serial: mine, status: STATUS.ok },
          body.bytes(),
        ),
      );
      if (limit === 'never') return answer;
      return withDeadline(answer, limit, () => {
        pending.delete(mine);
        return new CodedError(
          'HOST_TIMEOUT',
          `libvirtd on ${host} did not answer within ${limit} ms`,
          {
            hint: `Check whether libvirtd on ${host} hangs (systemctl status libvirtd).`,
            facts: { host, procedure },
          },
        );
      });
    },
    onEvent(procedure, listener) {
      const set = listeners.get(procedure) ?? new Set();
      listeners.set(procedure, set.add(listener));
      return () => void set.delete(listener);
    },
    close: () => fail(lost('drover closed the connection')),
  };
}

const LENGTH_BYTES = 4;

/** Cuts a byte stream into packets, each byte copied once (S24); a length that cannot be is refused before anything is kept for it. */
export function packetSplitter(onPacket: (packet: Buffer) => void): (chunk: Buffer) => void {
  let packet = Buffer.alloc(LENGTH_BYTES);
  let filled = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.copy(packet, filled, at);
      at += taken;
      filled += taken;
      if (filled < packet.length) return;
      if (packet.length === LENGTH_BYTES) {
        packet = roomFor(packet);
      } else {
        onPacket(packet);
        packet = Buffer.alloc(LENGTH_BYTES);
        filled = 0;
      }
    }
  };
}

/** A packet's own length begins it. */
function roomFor(length: Buffer): Buffer<ArrayBuffer> {
  const bytes = length.readUInt32BE(0);
  if (bytes < HEADER_BYTES || bytes > MAX_PACKET_BYTES)
    throw new CodedError('BAD_ANSWER', `libvirt sent a packet of ${bytes} bytes`);
  const packet = Buffer.allocUnsafe(bytes);
  length.copy(packet);
  return packet;
}
