/** Copies disks to one host, by the two ways that need no shared storage; only a compared copy gets its name. */
import { CodedError, messageOf } from '../../model/errors.js';
import type { HostName } from '../../model/ids.js';
import { folderOf } from '../../model/storage.js';
import { ROOM, SHA256 } from './scripts.js';
import type { CopyOrder, DiskCopier, ImageFile } from '../interfaces/copy.js';
import type { HostShell } from '../interfaces/shell.js';
import * as scripts from './copy-scripts.js';
import {
  COPY_TIMEOUT,
  newAttempt,
  notAccepted,
  overtaken,
  partOf,
  partsOf,
  workFolder,
  type CopyEnd,
  type Copying,
} from './copying.js';
import { copyAsItIs } from './as-it-is.js';
import { digestKey, digestOf, imageOf } from './digest.js';
import { lookAt, ownArgs } from './look.js';
import { compareByNbd, convertByNbd, cutToLength } from './nbd.js';
import { endCopyInto, stateOf } from './taken.js';

/** The copier of one host. */
export function diskCopier(
  here: () => Promise<CopyEnd>,
  endOf: (name: HostName) => Promise<CopyEnd>,
): DiskCopier {
  const cleanUp = async (order: CopyOrder): Promise<void> => {
    const [from, to] = await Promise.all([endOf(order.from), here()]);
    const folder = workFolder(order);
    await Promise.all([
      from.shell.run(scripts.CLEAN_UP, [folder]),
      to.shell.run(scripts.CLEAN_UP, order.isIntoDevice ? [folder] : [folder, partsOf(order)]),
    ]);
  };
  return {
    cleanUp,
    async copy(order, signal, progress) {
      const [from, to] = await Promise.all([endOf(order.from), here()]);
      const isDone = await isThere(to.shell, order);
      // Also behind a copy that arrived: the attempt that brought it may have been cut off before it could clean up.
      await cleanUp(order);
      if (isDone) return;
      const attempt = newAttempt();
      const copying = { order, from, to, part: partOf(order, attempt), attempt, signal, progress };
      try {
        await (order.way === 'nbd' ? byNbd : asItIs)(copying);
        await accept(copying);
      } catch (error) {
        // What fails here is cleaned up before the next attempt, and by the undo.
        await cleanUp(order).catch(() => undefined);
        throw await fullOr(to, order, asCopyFailed(order, error));
      }
      await cleanUp(order);
    },
    async flatten(chain, target, signal, made = '') {
      const { host, shell } = await here();
      const args = [imageOf(chain), target, made];
      await shell
        .run(scripts.FLATTEN, args, { ...COPY_TIMEOUT, signal })
        .catch((error: unknown) => {
          throw new CodedError(
            'COPY_FAILED',
            `${host.name} could not flatten ${chain[0]?.path ?? ''}: ${messageOf(error)}`,
            { cause: error },
          );
        });
    },
  };
}

/** Whatever command of a copy fails, on either host: the copy does, and starts clean when it is tried again. */
function asCopyFailed({ device, from }: CopyOrder, error: unknown): unknown {
  if (!(error instanceof CodedError) || error.code !== 'COMMAND_FAILED') return error;
  return new CodedError('COPY_FAILED', `copying ${device} from ${from} failed: ${error.message}`, {
    cause: error,
  });
}

/** Less is no room for a copy of anything. */
const LEAST_ROOM_BYTES = 1024 * 1024;

/** A copy that failed on a full disk is not tried again; the disk is asked, not the message. */
async function fullOr(
  { host, shell }: CopyEnd,
  { to, isIntoDevice }: CopyOrder,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof CodedError) || error.code !== 'COPY_FAILED') return error;
  if (isIntoDevice) return error;
  const free = await shell.run(ROOM, [folderOf(to)]).catch(() => undefined);
  if (!free || Number(free.stdout.split('\n')[0]) >= LEAST_ROOM_BYTES) return error;
  return new CodedError('TARGET_DISK_FULL', `${host.name} has no room for ${to}`, {
    hint: `Free space on ${host.name}, or choose another target.`,
    cause: error,
  });
}

/** The source is hashed while it is copied: both only read it. */
async function byNbd(copying: Copying): Promise<void> {
  const { order, from, to, part, signal } = copying;
  const key = digestKey();
  const [expected] = await Promise.all([
    digestOf(from.shell, order.chain, key, signal),
    convertWhole(copying),
  ]);
  const copy = [imageThere(order, part)];
  const found = expected && (await digestOf(to.shell, copy, key, signal));
  // Compressed clusters have no place in a file that could be hashed, and hashes of two kinds say nothing: then QEMU compares, over the network.
  const isSame =
    expected && found?.by === expected.by
      ? found.hex === expected.hex
      : await compareByNbd(copying);
  if (!isSame) throw differs(order);
}

/** A raw image that comes from a raw file is as long as that. */
async function convertWhole(copying: Copying): Promise<void> {
  await convertByNbd(copying);
  const { chain, format, isIntoDevice } = copying.order;
  const [image, ...below] = chain;
  const isOfFiles = !isIntoDevice && !image?.isDevice;
  if (isOfFiles && format === 'raw' && image?.format === 'raw' && below.length === 0)
    await cutToLength(copying, image.path);
}

const imageThere = (
  { format, isIntoDevice = false }: CopyOrder,
  path: CopyOrder['to'],
): ImageFile => ({
  path,
  format,
  isDevice: isIntoDevice,
});

async function asItIs(copying: Copying): Promise<void> {
  const { order, from, to, part, signal } = copying;
  const source = order.chain[0] as ImageFile;
  const sum = async ({ shell }: CopyEnd, path: string) =>
    (await shell.run(SHA256, [path], { ...COPY_TIMEOUT, signal })).stdout.slice(0, 64);
  const [expected] = await Promise.all([sum(from, source.path), copyAsItIs(copying)]);
  if ((await sum(to, part)) !== expected) throw differs(order);
}

const differs = ({ device, to }: CopyOrder): CodedError =>
  new CodedError('COPY_DIFFERS', `the copy of ${device} at ${to} is not what the source has`, {
    hint: 'The copy was removed; the source is untouched. Check the disks of the target before you try again.',
  });

const isThere = async (
  shell: HostShell,
  { to, owner, isIntoDevice }: CopyOrder,
): Promise<boolean> =>
  isIntoDevice
    ? (await stateOf(shell, to, owner)) === 'arrived'
    : (await shell.run(scripts.ARRIVED, [to, owner])).stdout !== '';

const accept = (copying: Copying): Promise<void> =>
  copying.order.isIntoDevice ? acceptDevice(copying) : acceptFile(copying);

/** Whoever gave this attempt up may have begun the next one, or may have started the guest on its copy. */
function requireWanted({ order, signal }: Copying): void {
  if (signal.aborted) throw notAccepted(order, 'its step was given up');
}

async function acceptDevice(copying: Copying): Promise<void> {
  const { order, to, attempt } = copying;
  requireWanted(copying);
  const { to: path, owner } = order;
  if (!(await endCopyInto(to.shell, { path, owner, attempt }))) throw overtaken(order);
}

async function acceptFile(copying: Copying): Promise<void> {
  const { order, from, to, part } = copying;
  const { host, shell } = to;
  const [like] = await lookAt(from.shell, [order.like]);
  requireWanted(copying);
  if (!like || like.kind === 'absent')
    throw new CodedError('COPY_FAILED', `${order.like} is not on ${from.host.name} any more`);
  const { exitCode } = await shell.run(
    scripts.ACCEPT_COPY,
    [order.to, order.owner, part, ...ownArgs(like)],
    { okCodes: [0, ...Object.values(scripts.NAME_TAKEN)], timeoutMs: 600_000 },
  );
  if (exitCode === 0) return;
  if (exitCode === scripts.NAME_TAKEN.byAnotherAttempt) throw overtaken(order);
  throw new CodedError(
    'TARGET_STALE',
    `${order.to} on ${host.name}: a disk of another owner is there`,
    {
      hint: `Find out which VM it belongs to; if none, remove it on ${host.name} and try again.`,
    },
  );
}
