/** libvirt's packets, and what a daemon sends unasked: real shapes, truncated ones and hostile ones. */
import { openRpc, packetSplitter } from '../../../drivers/libvirt/rpc/connection.js';
import {
  decodeHeader,
  encodePacket,
  KEEPALIVE_PROGRAM,
  PROC,
  REMOTE_PROGRAM,
  TYPE,
} from '../../../drivers/libvirt/rpc/protocol.js';
import { XdrWriter } from '../../../drivers/libvirt/rpc/xdr.js';
import { daemon, opening } from '../../helpers/daemon.js';
import { codeThrownBy } from '../../helpers/thrown.js';

describe('packets', () => {
  it('are put together from pieces of any size', () => {
    const whole = Buffer.concat(
      [1, 2].map((serial) =>
        encodePacket({ program: 1, procedure: 2, type: 1, serial, status: 0 }, Buffer.from('abcd')),
      ),
    );
    for (let size = 1; size <= whole.length; size++) {
      const serials: number[] = [];
      const split = packetSplitter((packet) => serials.push(decodeHeader(packet).serial));
      for (let at = 0; at < whole.length; at += size) split(whole.subarray(at, at + size));
      expect(serials).toEqual([1, 2]);
    }
  });

  it('of a megabyte, byte by byte, cost no more than their bytes (S24)', () => {
    const whole = encodePacket(
      { program: 1, procedure: 2, type: 1, serial: 7, status: 0 },
      Buffer.alloc(1024 * 1024),
    );
    const serials: number[] = [];
    const split = packetSplitter((packet) => serials.push(decodeHeader(packet).serial));

    for (let at = 0; at < whole.length; at++) split(whole.subarray(at, at + 1));

    expect(serials).toEqual([7]);
  });

  it.each([0, 4, 27, 0x7fff_ffff, 0xffff_ffff])(
    'of %d bytes are refused before anything is kept',
    (length) => {
      const split = packetSplitter(() => undefined);
      expect(codeThrownBy(() => split(new XdrWriter().uint(length).bytes()))).toBe('BAD_ANSWER');
    },
  );
});

describe('a connection', () => {
  it('answers a ping', async () => {
    const stream = daemon(opening);
    const rpc = await openRpc('h1', stream);

    stream.push(
      encodePacket(
        { program: KEEPALIVE_PROGRAM, procedure: 1, type: TYPE.message, serial: 0, status: 0 },
        Buffer.alloc(0),
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));

    const last = decodeHeader(stream.sent.at(-1) as Buffer);
    expect([last.program, last.procedure]).toEqual([KEEPALIVE_PROGRAM, 2]);
    rpc.close();
  });

  it('ends with who asks for ever and reads no answer (S24)', async () => {
    const stream = daemon(opening);
    const rpc = await openRpc('h1', stream);
    stream.cork();

    const ping = encodePacket(
      { program: KEEPALIVE_PROGRAM, procedure: 1, type: TYPE.message, serial: 0, status: 0 },
      Buffer.alloc(0),
    );
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => ping));
    for (let round = 0; round < 10 && rpc.isOpen; round++) {
      stream.push(many);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(rpc.isOpen).toBe(false);
    await expect(rpc.call(PROC.getVersion, new XdrWriter())).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
      message: expect.stringContaining('reads no answers') as string,
    });
  });

  it('hands events to who listens', async () => {
    const stream = daemon(opening);
    const rpc = await openRpc('h1', stream);
    const heard: number[] = [];
    rpc.onEvent(PROC.eventJobCompleted, (reader) => heard.push(reader.int()));

    stream.push(
      encodePacket(
        {
          program: REMOTE_PROGRAM,
          procedure: PROC.eventJobCompleted,
          type: TYPE.message,
          serial: 0,
          status: 0,
        },
        new XdrWriter().int(3).bytes(),
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));

    expect(heard).toEqual([3]);
    rpc.close();
  });
});
