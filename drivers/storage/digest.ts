/** Naming a chain of images for QEMU's tools, and hashing what a guest sees of it. */
import { randomBytes } from 'node:crypto';
import type { ImageFile } from '../interfaces/copy.js';
import type { HostShell } from '../interfaces/shell.js';
import { DIGEST, UNMAPPABLE } from './digest-script.js';

/** A chain as QEMU's json: pseudo-protocol; the names inside of the images, which may have moved, are not followed. */
export function imageOf(chain: readonly ImageFile[]): string {
  const node = (index: number): object | null => {
    const image = chain[index];
    if (!image) return null;
    const file = { driver: image.isDevice ? 'host_device' : 'file', filename: image.path };
    return image.format === 'raw'
      ? { driver: 'raw', file }
      : { driver: image.format, file, backing: node(index + 1) };
  };
  return `json:${JSON.stringify(node(0))}`;
}

/** What a guest sees of an image, hashed, and how that was done: a host without OpenSSL 3 has SHA-256 only. */
export interface Digest {
  readonly by: string;
  readonly hex: string;
}

/** A key for the digests of one copy, the same for both ends. */
export const digestKey = (): string => randomBytes(16).toString('hex');

/** Hashes the data that a guest sees; `undefined` if the image's clusters are compressed or encrypted. */
export async function digestOf(
  shell: HostShell,
  chain: readonly ImageFile[],
  key: string,
  signal: AbortSignal,
): Promise<Digest | undefined> {
  const { stdout, exitCode } = await shell.run(DIGEST, [imageOf(chain)], {
    stdin: `${key}\n`,
    signal,
    timeoutMs: 24 * 3600_000,
    okCodes: [0, UNMAPPABLE],
  });
  const [by = '', hex = ''] = stdout.split(/\s+/);
  return exitCode === 0 && hex ? { by, hex } : undefined;
}
