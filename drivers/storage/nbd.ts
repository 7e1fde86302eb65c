/** QEMU's own export on the source, and one pass of qemu-img on the target, encrypted with a key made for this one copy unless the operator trusts the network. */
import { randomBytes, randomInt } from 'node:crypto';
import { CodedError, messageOf } from '../../model/errors.js';
import { readSurroundings } from '../hosts/surroundings.js';
import { LOOK_AROUND } from '../hosts/surroundings-script.js';
import type { HostPath } from '../../model/ids.js';
import { migrationAddressOf } from '../../model/host-address.js';
import { COPY_PORTS } from '../interfaces/copy.js';
import type { HostShell } from '../interfaces/shell.js';
import { COPY_TIMEOUT, overtaken, workFolder, type Copying } from './copying.js';
import * as scripts from './copy-scripts.js';
import { imageOf } from './digest.js';
import { lookAt } from './look.js';
import { emptied } from '../../model/device.js';
import { looksEmpty } from './devices.js';
import { beginCopyInto, stateOf } from './taken.js';

const PORTS_TRIED = 5;

/** Copies into the unfinished file. @throws COPY_FAILED */
export async function convertByNbd(copying: Copying): Promise<void> {
  const { order, to, part, signal, progress } = copying;
  const rate = order.bandwidthMibPerSec ? String(order.bandwidthMibPerSec * 1024 * 1024) : '';
  const into = order.isIntoDevice ? await intoDevice(copying) : '';
  const served = await serve(copying);
  const onOutput = (text: string) => {
    const [, percent] = /\((\d+\.\d+)\/100%\)[^(]*$/.exec(text) ?? [];
    if (percent) progress((Number(percent) / 100) * order.bytes);
  };
  await to.shell
    .run(scripts.CONVERT, [...served, order.format, part, rate, order.made ?? '', into], {
      ...COPY_TIMEOUT,
      signal,
      onOutput,
    })
    .catch((error: unknown) => {
      throw failed(copying, error);
    });
}

/**
 * An export has whole sectors, and what is written past the page cache whole blocks; a raw file need have neither, and the guest
 * would see what was added.
 */
export async function cutToLength({ from, to, part }: Copying, source: HostPath): Promise<void> {
  const [file] = await lookAt(from.shell, [source]);
  if (file?.kind !== 'file')
    throw new CodedError('COPY_FAILED', `${source} is no file on ${from.host.name} any more`);
  await to.shell.run(scripts.CUT, [part, String(file.sizeBytes)]);
}

/** @throws COPY_FAILED if another attempt has brought it; TARGET_STALE for a device that this migration has not taken, or that is another one by now: nothing is written into that */
async function intoDevice({ order, to, attempt }: Copying): Promise<'empty' | 'written'> {
  const state = await stateOf(to.shell, order.to, order.owner);
  if (state === 'arrived') throw overtaken(order);
  if (state !== 'empty' && state !== 'writing')
    throw new CodedError(
      'TARGET_STALE',
      `${order.to} on ${to.host.name} is not the device any more that was taken for ${order.device}`,
      { hint: `Look at it on ${to.host.name} (lsblk), and start the move again.` },
    );
  // Hours may have passed since all of it was read.
  if (state === 'empty' && !(await looksEmpty(to.shell, order.to)))
    throw new CodedError(
      'TARGET_STALE',
      `${order.to} on ${to.host.name} was empty when it was taken for ${order.device}, and has data on it by now`,
      { hint: emptied(to.host.name, order.to) },
    );
  const { to: path, owner } = order;
  if (!(await beginCopyInto(to.shell, { path, owner, attempt }))) throw overtaken(order);
  return state === 'empty' ? 'empty' : 'written';
}

/** Compares the source with the unfinished file, byte for byte. */
export async function compareByNbd(copying: Copying): Promise<boolean> {
  const { order, to, part, signal } = copying;
  const served = await serve(copying);
  const { exitCode } = await to.shell.run(
    scripts.COMPARE,
    [
      ...served,
      order.format,
      part.replaceAll(',', ',,'),
      order.isIntoDevice ? 'host_device' : 'file',
    ],
    {
      ...COPY_TIMEOUT,
      signal,
      okCodes: [0, 1],
    },
  );
  return exitCode === 0;
}

/** Starts the export; returns folder, address, port, name and `tls` or nothing, for the client. */
async function serve({
  order,
  from,
  to,
}: Copying): Promise<[string, string, string, string, string]> {
  const folder = workFolder(order);
  const name = randomBytes(16).toString('hex');
  const stdin = `drover:${randomBytes(32).toString('hex')}\n`;
  await Promise.all(
    [from, to].map(({ shell }) => shell.run(scripts.KEEP_SECRET, [folder, 'keys.psk'], { stdin })),
  );
  const address = migrationAddressOf(from.host);
  const ports = Array.from({ length: PORTS_TRIED }, () =>
    String(randomInt(COPY_PORTS.first, COPY_PORTS.last)),
  );
  const tls = order.isEncrypted ? 'tls' : '';
  const peers = order.isEncrypted ? '' : await addressesOf(to.shell);
  const args = [folder, address, name, imageOf(order.chain), tls, peers, ...ports];
  const { stdout } = await from.shell.run(scripts.SERVE, args);
  return [folder, address, stdout.trim(), name, tls];
}

/** From which of them the target calls is its routing's choice. */
const addressesOf = async (shell: HostShell): Promise<string> =>
  readSurroundings((await shell.run(LOOK_AROUND, [])).stdout)
    .addresses.map(({ address }) => address)
    .join(' ');

const failed = ({ order, from, to }: Copying, cause: unknown): CodedError =>
  new CodedError(
    'COPY_FAILED',
    `copying ${order.device} from ${from.host.name} to ${to.host.name} failed: ${messageOf(cause)}`,
    {
      hint: `Check that the target reaches the source’s ports ${COPY_PORTS.first} to ${COPY_PORTS.last}; see docs/hosts.md.`,
      cause,
    },
  );
