/** libvirt's protocol, against real shapes, truncated ones and hostile ones. */
import { Confidential } from '../../../model/confidential.js';
import type { Duplex } from 'node:stream';
import { LibvirtError } from '../../../drivers/libvirt/errors.js';
import { openRpc, packetSplitter } from '../../../drivers/libvirt/rpc/connection.js';
import {
  decodeHeader,
  encodePacket,
  KEEPALIVE_PROGRAM,
  PROC,
  REMOTE_PROGRAM,
  STATUS,
  TYPE,
} from '../../../drivers/libvirt/rpc/protocol.js';
import { XdrWriter } from '../../../drivers/libvirt/rpc/xdr.js';
import { flagsOf, paramsOf } from '../../../drivers/libvirt/transfer.js';
import type { TransferSpec } from '../../../drivers/interfaces/hypervisor/transfers.js';
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
  it('gives each call its own answer, whatever their order', async () => {
    const later: (() => void)[] = [];
    const stream = daemon((procedure, body, reply) => {
      opening(procedure, body, reply);
      if (procedure === PROC.getVersion)
        later.unshift(() => reply(STATUS.ok, new XdrWriter().uhyper(1)));
      if (procedure === PROC.getLibVersion)
        later.unshift(() => reply(STATUS.ok, new XdrWriter().uhyper(2)));
    });
    const rpc = await openRpc('h1', stream);

    const answers = Promise.all([
      rpc.call(PROC.getVersion, new XdrWriter()),
      rpc.call(PROC.getLibVersion, new XdrWriter()),
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    later.forEach((answer) => answer());

    expect((await answers).map((reader) => reader.uhyper())).toEqual([1, 2]);
    rpc.close();
  });

  it.each([
    { code: 42, is: 'LIBVIRT_FAILED' },
    { code: 55, is: 'LIBVIRT_FAILED' },
    { code: 68, is: 'DOMAIN_BUSY' },
    { code: 87, is: 'DOMAIN_BUSY' },
    { code: 4711, is: 'LIBVIRT_FAILED' },
  ])('tells libvirt’s error $code as $is', async ({ code, is }) => {
    const stream = daemon((procedure, body, reply) => {
      opening(procedure, body, reply);
      if (procedure === PROC.getVersion)
        reply(STATUS.error, new XdrWriter().int(code).int(10).optionalString('it says').int(2));
    });
    const rpc = await openRpc('h1', stream);

    const failure = await rpc
      .call(PROC.getVersion, new XdrWriter())
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(LibvirtError);
    expect(failure).toMatchObject({
      code: is,
      libvirtCode: code,
      message: 'libvirt on h1: it says',
    });
    rpc.close();
  });

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

  it.each([
    {
      name: 'when it is lost',
      end: (stream: Duplex) => void stream.destroy(),
      code: 'HOST_UNREACHABLE',
    },
    {
      name: 'when the daemon is gone, and the forwarded socket half open',
      end: (stream: Duplex) => void stream.push(null),
      code: 'HOST_UNREACHABLE',
    },
    {
      name: 'when the daemon sends nonsense',
      end: (stream: Duplex) => void stream.push(Buffer.alloc(64, 0xff)),
      code: 'BAD_ANSWER',
    },
  ])('fails every pending call $name', async ({ end, code }) => {
    const stream = daemon(opening);
    const rpc = await openRpc('h1', stream);
    const pending = rpc.call(PROC.getVersion, new XdrWriter(), 'never');

    end(stream);

    await expect(pending).rejects.toMatchObject({ code });
    await expect(rpc.call(PROC.getVersion, new XdrWriter())).rejects.toMatchObject({ code });
    expect(rpc.isOpen).toBe(false);
  });

  it('gives up on a call that is never answered', async () => {
    const rpc = await openRpc('h1', daemon(opening));

    await expect(rpc.call(PROC.getVersion, new XdrWriter(), 20)).rejects.toMatchObject({
      code: 'HOST_TIMEOUT',
    });
    rpc.close();
  });
});

describe('a transfer', () => {
  const spec: TransferSpec = {
    targetUri: 'qemu+tcp://h2/system',
    liveXml: new Confidential('<domain/>'),
    copiedDevices: [],
    isSharingProved: false,
    isPostCopyAllowed: false,
    isAutoConverge: false,
    isEncrypted: false,
    parallelConnections: 1,
    firstDowntimeMs: 300,
  };

  it('with no disk to copy never sets the flag that would copy all of them', () => {
    expect(flagsOf(spec) & (64 | 128)).toBe(0);
  });

  it.each([
    { name: 'copied disks', change: { copiedDevices: ['vda'] }, flag: 128 },
    { name: 'proved sharing', change: { isSharingProved: true }, flag: 512 },
    { name: 'post-copy', change: { isPostCopyAllowed: true }, flag: 32_768 },
    { name: 'TLS', change: { isEncrypted: true }, flag: 65_536 },
    { name: 'auto-converge', change: { isAutoConverge: true }, flag: 8192 },
    { name: 'parallel streams', change: { parallelConnections: 4 }, flag: 131_072 },
  ])('with $name sets its flag and no other', ({ change, flag }) => {
    expect(flagsOf({ ...spec, ...change }) ^ flagsOf(spec)).toBe(flag);
  });

  it('names each copied disk, the address and the limit', () => {
    const params = paramsOf({
      ...spec,
      copiedDevices: ['vda', 'vdc'],
      migrationAddress: '10.0.0.2',
      bandwidthMibPerSec: 9,
      isPostCopyAllowed: true,
    });
    expect(params.slice(1)).toEqual([
      { name: 'migrate_uri', type: 'string', value: 'tcp://10.0.0.2' },
      { name: 'migrate_disks', type: 'string', value: 'vda' },
      { name: 'migrate_disks', type: 'string', value: 'vdc' },
      { name: 'bandwidth', type: 'ullong', value: 9 },
      { name: 'bandwidth.postcopy', type: 'ullong', value: 9 },
    ]);
  });
});
