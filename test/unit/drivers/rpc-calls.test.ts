/** Calls by libvirt's protocol: each has its own answer, or a failure that says what it is. */
import type { Duplex } from 'node:stream';
import { LibvirtError } from '../../../drivers/libvirt/errors.js';
import { openRpc } from '../../../drivers/libvirt/rpc/connection.js';
import { PROC, STATUS } from '../../../drivers/libvirt/rpc/protocol.js';
import { XdrWriter } from '../../../drivers/libvirt/rpc/xdr.js';
import { daemon, opening } from '../../helpers/daemon.js';

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
