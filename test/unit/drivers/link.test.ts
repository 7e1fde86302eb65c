/** The link to a host's libvirtd. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { libvirtLink } from '../../../drivers/libvirt/link.js';
import { PROC, STATUS } from '../../../drivers/libvirt/rpc/protocol.js';
import { XdrWriter } from '../../../drivers/libvirt/rpc/xdr.js';
import { Host } from '../../../model/host.js';
import { daemon } from '../../helpers/daemon.js';

it('is dialled once by calls that come together, and once more after a loss', async () => {
  const dialled: Duplex[] = [];
  const host = Host.parse({
    name: 'h1',
    ssh: { user: 'root', address: 'h1', port: 22 },
    libvirtUri: 'qemu+tcp://h1/system',
  });
  const openUnixSocket = () => {
    const stream = daemon((_procedure, _body, reply) =>
      reply(STATUS.ok, new XdrWriter().uhyper(9)),
    );
    dialled.push(stream);
    return Promise.resolve(stream);
  };
  const link = libvirtLink(host, { openUnixSocket });
  const askThreeTimes = () =>
    Promise.all([1, 2, 3].map(() => link.call(PROC.getVersion, new XdrWriter())));

  await askThreeTimes();
  expect(dialled).toHaveLength(1);
  const [first] = dialled as [Duplex];
  first.destroy();
  await once(first, 'close');
  await askThreeTimes();

  expect(dialled).toHaveLength(2);
  link.close();
});
