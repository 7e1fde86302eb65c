/** The key file: a line a key, `ID BASE64`, the newest first. It is read by reference and never leaves the process. */
import type { PayloadCodec } from '@temporalio/common';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { CodedError } from '../model/errors.js';
import type { CodecKeys, Unsealed } from './aes-gcm.js';
import { aesGcmCodec } from './aes-gcm.js';

const KEY_BYTES = 32;

/** Reads the file. @throws BAD_CONFIG if others may read it, or a line is no key */
export async function readKeyFile(file: string): Promise<CodecKeys> {
  const wrong = (why: string, hint: string, cause?: unknown) =>
    new CodedError('BAD_CONFIG', `the key file ${file} ${why}`, { hint, cause });
  const mode = await stat(file).then(
    (found) => found.mode,
    (cause: unknown) => {
      throw wrong('cannot be read', 'DROVER_CODEC_KEYS names it.', cause);
    },
  );
  if ((mode & 0o077) !== 0) throw wrong('may be read by others', `chmod 600 ${file}`);
  const lines = (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line.trim() && !line.startsWith('#'));
  const keys = lines.map((line, index) => {
    const [, id, secret] = /^([A-Za-z0-9._-]{1,64})\s+([A-Za-z0-9+/]{43}=)\s*$/.exec(line) ?? [];
    const bytes = Buffer.from(secret ?? '', 'base64');
    if (!id || bytes.length !== KEY_BYTES)
      throw wrong(
        `has no key in line ${index + 1}`,
        'A line is: ID, a space, 32 bytes in base64 (openssl rand -base64 32).',
      );
    return { id, secret: bytes };
  });
  if (keys.length === 0)
    throw wrong('is empty', 'echo "k1 $(openssl rand -base64 32)" makes a first key.');
  return { keys };
}

/** Makes a file with a first key, for its owner only; one that is there stays as it is. */
export function makeKeyFile(file: string): void {
  const line = `k1 ${randomBytes(KEY_BYTES).toString('base64')}\n`;
  try {
    writeFileSync(file, line, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'EEXIST') throw cause;
  }
}

/** The codec that the configuration means, to spread into options; nothing without a key file. */
export async function codecFrom(
  file: string | undefined,
  ofOthers: Unsealed = 'refuse',
): Promise<{ codec?: PayloadCodec }> {
  return file ? { codec: aesGcmCodec(await readKeyFile(file), ofOthers) } : {};
}
