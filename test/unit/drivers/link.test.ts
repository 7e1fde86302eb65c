/** The link to a host's libvirtd. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { libvirtLink } from '../../../drivers/libvirt/link.js';
import { PROC, STATUS } from '../../../drivers/libvirt/rpc/protocol.js';
import { XdrWriter } from '../../../drivers/libvirt/rpc/xdr.js';
import { CodedError } from '../../../model/errors.js';
import { Host } from '../../../model/host.js';
import { daemon } from '../../helpers/daemon.js';

const HOST = Host.parse({
  name: 'h1',
  ssh: { user: 'root', address: 'h1', port: 22 },
  libvirtUri: 'qemu+tcp://h1/system',
});
const answering = (): Duplex =>
  daemon((_procedure, _body, reply) => reply(STATUS.ok, new XdrWriter().uhyper(9)));

it('is dialled once by calls that come together, and once more after a loss', async () => {
  const dialled: Duplex[] = [];
  const openUnixSocket = () => {
    const stream = answering();
    dialled.push(stream);
    return Promise.resolve(stream);
  };
  const link = libvirtLink(HOST, { openUnixSocket });
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

it('is the daemon for QEMU where every driver has its own, and is found there at once the next time', async () => {
  const tried: string[] = [];
  const openUnixSocket = (path: string) => {
    tried.push(path);
    return path.endsWith('/virtqemud-sock')
      ? Promise.resolve(answering())
      : Promise.reject(new CodedError('HOST_UNREACHABLE', 'no such socket'));
  };
  const link = libvirtLink(HOST, { openUnixSocket });

  await link.call(PROC.getVersion, new XdrWriter());
  (await link.openOwn()).close();

  expect(tried).toEqual([
    '/run/libvirt/libvirt-sock',
    '/run/libvirt/virtqemud-sock',
    '/run/libvirt/virtqemud-sock',
  ]);
  link.close();
});

it('is told as the host is, if it has neither', async () => {
  const openUnixSocket = (path: string) =>
    Promise.reject(new CodedError('HOST_UNREACHABLE', `opening ${path}`));

  await expect(
    libvirtLink(HOST, { openUnixSocket }).call(PROC.getVersion, new XdrWriter()),
  ).rejects.toMatchObject({ message: 'opening /run/libvirt/libvirt-sock' });
});
