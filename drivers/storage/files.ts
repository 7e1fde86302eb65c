/** Files on a host, by small constant scripts over a shell. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { present } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { HostName, HostPath, MigrationId } from '../../model/ids.js';
import { folderOf, type BackingFile, type Room } from '../../model/storage.js';
import type { HostCommand, HostShell } from '../interfaces/shell.js';
import type { FileOrigin, HostFiles, Staying } from '../interfaces/storage.js';
import { ownArgs } from './look.js';
import { listWithin, lookAt, loopsOf } from './look.js';
import { readChains } from './qemu-img.js';
import * as scripts from './scripts.js';

/** Filesystems that several hosts mount, as stat(1) names them. */
const NETWORK_FILESYSTEMS = new Set([
  'nfs',
  'nfs4',
  'ceph',
  'gfs2',
  'ocfs2',
  'gpfs',
  'lustre',
  'glusterfs',
  'smb2',
  'cifs',
]);
/** Copies and checksums end when they end; the step's heartbeat is their limit. */
const LONG = { timeoutMs: 24 * 3600_000 };
/** On the disk, past what other guests write. */
const SYNC_MS = 300_000;
const probePath = (folder: HostPath, token: string) => posix.join(folder, `.drover-probe-${token}`);

/** Of a probe: whose it is, and which folder it is in. */
const contentOf = (folder: HostPath, token: string): string =>
  createHash('sha256').update(`${token}\n${folder}`).digest('hex');

/** The files of one host. `shellOf` reaches the host that a file is copied from. */
export function hostFiles(
  host: HostName,
  shell: HostShell,
  shellOf: (host: HostName) => HostShell,
): HostFiles {
  const lines = async (command: HostCommand, args: readonly string[]) =>
    (await shell.run(command, args)).stdout.split('\n').filter(Boolean) as HostPath[];
  const room = async (folder: HostPath) => readRoom(await lines(scripts.ROOM, [folder]));
  return {
    host,
    room,
    existing: (paths) => lines(scripts.EXISTING, paths),
    writeProbe: async (folder, token) => {
      await shell.run(scripts.WRITE_PROBE, [probePath(folder, token), contentOf(folder, token)]);
    },
    readProbe: async (folder, token, of = folder) =>
      (await shell.run(scripts.READ_PROBE, [probePath(folder, token)])).stdout ===
      contentOf(of, token),
    removeProbe: async (folder, token) => {
      await shell.run(scripts.REMOVE, [probePath(folder, token)]);
    },
    makeFolder: async (folder, owner, like) => {
      await shell.run(scripts.MAKE_FOLDERS, [owner, folder, ...ownArgs(like)]);
    },
    async makeDisk({ source, format, inspection }, owner, like) {
      if (source.kind !== 'file')
        throw new CodedError('BUG', `no empty disk can be made for a ${source.kind} disk`);
      const [backing] = inspection.backing;
      const { capacityBytes } = inspection;
      const args = [
        source.path,
        owner,
        format,
        String(capacityBytes),
        backing?.path ?? '',
        backing?.format ?? '',
        ...ownArgs(like),
        ...present([inspection.made]),
      ];
      await fullIsFull(host, room, source.path, capacityBytes, async () => {
        const { exitCode } = await shell.run(scripts.MAKE_DISK, args, {
          okCodes: [0, scripts.EXIT.stale],
          timeoutMs: SYNC_MS,
        });
        if (exitCode === scripts.EXIT.stale)
          throw stale(host, source.path, 'a disk of another owner is there');
      });
    },
    fetch: (file, origin, owner, signal) =>
      fetchFile(host, shell, shellOf, file, origin, owner, signal, async (work) => {
        const { freeBytes } = await room(folderOf(file.path));
        if (origin.bytes > freeBytes) throw noRoomFor(host, file.path, freeBytes);
        return fullIsFull(host, room, file.path, file.sizeBytes, work);
      }),
    removeOwned: async (paths, owner) =>
      (await lines(scripts.REMOVE_OWNED, [owner, ...paths])).map(readStaying),
    keepLast: async (paths, owner) => {
      if (paths.length > 0) await shell.run(scripts.KEEP_LAST, [owner, ...paths]);
    },
    last: (paths, owner) => lines(scripts.OWNED, [`last-${owner}`, ...paths]),
    keep: async (paths, owner) => {
      if (owner === undefined) await shell.run(scripts.KEEP, paths);
      else await shell.run(scripts.DROP_MARK, [owner, ...paths]);
    },
    owned: (paths, owner) => lines(scripts.OWNED, [owner, ...paths]),
    remove: async (paths) => {
      await shell.run(scripts.REMOVE, paths);
    },
    absorb: async (overlay, base, format) => {
      await shell.run(scripts.ABSORB, [overlay, base, format], LONG);
    },
    rename: async (renames) => {
      const args = renames.flatMap(({ from, to }) => [from, to]);
      const { stdout, exitCode } = await shell.run(scripts.RENAME, args, {
        timeoutMs: SYNC_MS,
        okCodes: [0, scripts.EXIT.stale],
      });
      if (exitCode === scripts.EXIT.stale)
        throw new CodedError('SOURCE_STALE', `on ${host}: ${stdout.trim()}`, {
          hint: `Look at both on ${host}: a name that ends in _resize is what a move gives to what it sets aside, and may be another guest’s own. If one of the two is this guest’s and nobody else’s, move the other away (a start that failed makes new UEFI variables, for example), then retry.`,
        });
    },
    look: (paths) => lookAt(shell, paths),
    within: (folder) => listWithin(shell, folder),
    chains: (images) => readChains(shell, images),
    loops: () => loopsOf(shell),
    sha256: async (path) => {
      const { stdout } = await shell.run(scripts.SHA256, [path], LONG);
      const sum = stdout.trim();
      if (/^[0-9a-f]{64}$/.test(sum)) return sum;
      throw new CodedError('BAD_ANSWER', `${host} gave no checksum of ${path}`, {
        hint: 'Try again; if it stays, look whether sha256sum or openssl works there.',
      });
    },
  };
}

async function fetchFile(
  host: HostName,
  shell: HostShell,
  shellOf: (host: HostName) => HostShell,
  file: BackingFile,
  origin: FileOrigin,
  owner: MigrationId,
  signal: AbortSignal,
  guarded: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<'present' | 'image store' | 'source'> {
  const { path } = file;
  const have = await shell.run(scripts.HAVE_FILE, [path, owner, origin.sha256], {
    ...LONG,
    signal,
    okCodes: [0, 1, scripts.EXIT.stale],
  });
  if (have.exitCode === 0) return 'present';
  if (have.exitCode === scripts.EXIT.stale)
    throw stale(host, path, 'its content differs from the source’s');
  return guarded(async () => {
    const from = await download(shell, path, owner, origin, signal);
    if (from === 'source') await receive(host, shell, shellOf, path, origin, owner, signal);
    const args = [path, owner, origin.sha256, ...ownArgs(origin.like)];
    const { exitCode } = await shell.run(scripts.ACCEPT, args, {
      ...LONG,
      okCodes: [0, scripts.EXIT.checksum],
    });
    if (exitCode === 0) return from;
    throw new CodedError(
      'CHECKSUM_MISMATCH',
      `${path} arrived on ${host} with another checksum than the source’s`,
      {
        hint: 'Compare the image store’s file with its SHA256SUMS.',
        facts: { host, path },
      },
    );
  });
}

/** Tries the image store; if that fails for any reason, the source still has the file. */
async function download(
  shell: HostShell,
  path: HostPath,
  owner: MigrationId,
  { imageUrl, bytes }: FileOrigin,
  signal: AbortSignal,
): Promise<'image store' | 'source'> {
  if (!imageUrl) return 'source';
  const { exitCode } = await shell.run(scripts.DOWNLOAD, [path, owner, imageUrl, String(bytes)], {
    ...LONG,
    signal,
    okCodes: [0, scripts.EXIT.download],
  });
  return exitCode === 0 ? 'image store' : 'source';
}

/** From the source, as long as that has said that it is: a host that lies does not fill another one's disks. */
async function receive(
  host: HostName,
  shell: HostShell,
  shellOf: (host: HostName) => HostShell,
  path: HostPath,
  origin: FileOrigin,
  owner: MigrationId,
  signal: AbortSignal,
): Promise<void> {
  const bytes = String(origin.bytes);
  const into = [scripts.RECEIVE, path, owner, bytes] as const;
  await shellOf(origin.from)
    .pipe([scripts.READ, origin.path], shell, into, signal)
    .catch((error: unknown) => {
      if (!(error instanceof CodedError) || error.facts['exitCode'] !== scripts.EXIT.tooLong)
        throw error;
      throw new CodedError(
        'CHECKSUM_MISMATCH',
        `${origin.from} sends more of ${origin.path} than the ${bytes} bytes that it has said; what had come to ${host} was removed`,
        {
          hint: `Does somebody write to it on ${origin.from}? Nothing may, while guests read it. Try again when it is at rest.`,
          facts: { host, path },
          cause: error,
        },
      );
    });
}

/** Turns a failed command into TARGET_DISK_FULL if there is in fact no room: by asking, not by the message. */
async function fullIsFull<T>(
  host: HostName,
  room: HostFiles['room'],
  path: HostPath,
  bytes: number,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'COMMAND_FAILED') throw error;
    const { freeBytes } = await room(folderOf(path));
    if (freeBytes >= Math.min(bytes, 1024 * 1024)) throw error;
    throw noRoomFor(host, path, freeBytes, error);
  }
}

/** `another PATH` or `full PATH`. */
function readStaying(line: string): Staying {
  const [word = '', ...rest] = line.split(' ');
  const path = rest.join(' ') as HostPath;
  return { path, because: word === 'full' ? 'not empty' : 'another file' };
}

const noRoomFor = (
  host: HostName,
  path: HostPath,
  freeBytes: number,
  cause?: unknown,
): CodedError =>
  new CodedError('TARGET_DISK_FULL', `${host} has no room for ${path}`, {
    hint: `Free space on ${host}, or choose another target.`,
    facts: { host, path, freeBytes },
    cause,
  });

function readRoom([free, type, isLaidOut]: string[]): Room {
  const freeBytes = Number(free);
  if (!Number.isSafeInteger(freeBytes) || !type)
    throw new CodedError('BAD_ANSWER', `df answered "${free ?? ''}"`);
  return {
    freeBytes,
    isNetworkFilesystem: NETWORK_FILESYSTEMS.has(type),
    isLaidOut: isLaidOut === 'yes',
  };
}

const stale = (host: HostName, path: HostPath, why: string): CodedError =>
  new CodedError('TARGET_STALE', `${path} on ${host}: ${why}`, {
    hint: `Find out which VM it belongs to; if none, remove it on ${host} and try again.`,
    facts: { host, path },
  });
