/** The documented copy (C4): the file as it is, from host to host over ssh, with a key that can do this one thing and is removed after it. */
import { CodedError, messageOf } from '../../model/errors.js';
import type { ImageFile } from '../interfaces/copy.js';
import { COPY_TIMEOUT, keyComment, unpackFolder, workFolder, type Copying } from './copying.js';
import { ALLOW_KEY } from './key-scripts.js';
import * as scripts from './copy-scripts.js';

/** Copies into the unfinished file; holes stay holes. @throws COPY_FAILED */
export async function sendByScp(copying: Copying): Promise<void> {
  const { order, from, to, part, signal, progress } = copying;
  const folder = workFolder(order);
  const unpack = unpackFolder(order);
  const source = (order.chain[0] as ImageFile).path;
  await to.shell.run(scripts.MAKE_UNPACK_FOLDER, [unpack]);
  const { stdout: publicKey } = await from.shell.run(scripts.MAKE_KEY, [folder, keyComment(order)]);
  const only = allowedOnly(to.line(scripts.UNPACK, [Buffer.from(unpack).toString('hex')]));
  await to.shell.run(ALLOW_KEY, [], { stdin: `${only} ${publicKey}` });
  const { user } = to.host.ssh;
  const { address, port } = copyAddress(copying);
  const stdin = `${port === 22 ? address : `[${address}]:${port}`} ${await to.hostKey()}\n`;
  await from.shell.run(scripts.KEEP_SECRET, [folder, 'known_hosts'], { stdin });
  const rate = String((order.bandwidthMibPerSec ?? 0) * 1024 * 1024);
  const onOutput = (text: string) => progress(Number(text.trim().split('\n').at(-1)));
  await from.shell
    .run(scripts.SEND, [folder, source, `${user}@${address}`, String(port), rate], {
      ...COPY_TIMEOUT,
      signal,
      onOutput,
    })
    .catch((error: unknown) => {
      throw new CodedError(
        'COPY_FAILED',
        `copying ${order.device} from ${from.host.name} to ${to.host.name} failed: ${messageOf(error)}`,
        { hint: `On ${from.host.name} try: ssh -p ${port} ${user}@${address}`, cause: error },
      );
    });
  const name = source.slice(source.lastIndexOf('/') + 1);
  await to.shell.run(scripts.TAKE_UNPACKED, [`${unpack}/${name}`, part]);
}

/** The key runs one command line, whatever its holder asks for. sshd takes `\\"` for a quote, and leaves every other backslash (sshd(8)). */
export const allowedOnly = (line: string): string =>
  `restrict,command="${line.replaceAll('"', '\\"')}"`;

function copyAddress({ to: { host } }: Copying): { address: string; port: number } {
  const { migrationAddress, ssh, copySshPort } = host;
  const isOther = migrationAddress !== undefined && migrationAddress !== ssh.address;
  return {
    address: migrationAddress ?? ssh.address,
    port: copySshPort ?? (isOther ? 22 : ssh.port),
  };
}
