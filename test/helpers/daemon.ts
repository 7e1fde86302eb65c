/** A libvirtd in memory, for what speaks its protocol. */
import { Duplex } from 'node:stream';
import {
  decodeHeader,
  encodePacket,
  HEADER_BYTES,
  PROC,
  REMOTE_PROGRAM,
  STATUS,
  TYPE,
} from '../../drivers/libvirt/rpc/protocol.js';
import { XdrReader, XdrWriter } from '../../drivers/libvirt/rpc/xdr.js';

/** How calls are answered. */
export type Serve = (
  procedure: number,
  body: XdrReader,
  reply: (status: number, body: XdrWriter) => void,
) => void;

/** A stream to one that answers calls as `serve` says. */
export function daemon(serve: Serve): Duplex & { sent: Buffer[] } {
  const sent: Buffer[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk);
      const header = decodeHeader(chunk);
      if (header.program === REMOTE_PROGRAM) {
        serve(header.procedure, new XdrReader(chunk.subarray(HEADER_BYTES)), (status, body) => {
          this.push(encodePacket({ ...header, type: TYPE.reply, status }, body.bytes()));
        });
      }
      done();
    },
  });
  return Object.assign(stream, { sent });
}

/** Answers what opens a connection, and nothing else. */
export const opening: Serve = (procedure, _body, reply) => {
  if (procedure === PROC.authList || procedure === PROC.connectOpen)
    reply(STATUS.ok, new XdrWriter().uint(0));
};
