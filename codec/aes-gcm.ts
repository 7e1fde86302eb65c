/** Payload encryption: what workflows take and return leaves this process encrypted (AES-256-GCM, a fresh nonce each). */
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CodedError } from '../model/errors.js';
import { ENCRYPTED } from './codecs.js';

/** The keys, the newest first. */
export interface CodecKeys {
  readonly keys: readonly { readonly id: string; readonly secret: Buffer }[];
}

const [NONCE_BYTES, TAG_BYTES] = [12, 16];
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** The first key encrypts, any of them decrypts: that is how keys are changed. */
export function aesGcmCodec({ keys }: CodecKeys): PayloadCodec {
  const [newest] = keys;
  if (!newest) throw new CodedError('BAD_CONFIG', 'there is no key to encrypt with');
  return {
    encode: (payloads) =>
      Promise.resolve(
        payloads.map((payload): Payload => {
          const plain = temporal.api.common.v1.Payload.encode(payload).finish();
          return {
            metadata: {
              encoding: Buffer.from(ENCRYPTED),
              'encryption-key-id': Buffer.from(newest.id),
            },
            data: seal(newest.secret, plain),
          };
        }),
      ),
    decode: (payloads) =>
      Promise.resolve().then(() => payloads.map((payload) => decrypted(keys, payload))),
  };
}

function decrypted(keys: CodecKeys['keys'], payload: Payload): Payload {
  // What was written before encryption was turned on.
  if (text(payload.metadata?.['encoding']) !== ENCRYPTED) return payload;
  const id = text(payload.metadata?.['encryption-key-id']);
  const key = keys.find((candidate) => candidate.id === id);
  if (key)
    return temporal.api.common.v1.Payload.decode(
      open(key.secret, payload.data ?? new Uint8Array()),
    );
  throw new CodedError(
    'BAD_CONFIG',
    `the key ${id}, with which this run is encrypted, is not in the key file`,
    { hint: 'Keep old keys below the newest one as long as runs that they encrypted are kept.' },
  );
}

/** Nonce, tag, ciphertext. */
function seal(secret: Buffer, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** @throws BAD_ANSWER if a single bit was changed */
function open(secret: Buffer, data: Uint8Array): Uint8Array {
  const bytes = Buffer.from(data);
  const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  try {
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new CodedError(
      'BAD_ANSWER',
      'a payload cannot be decrypted: it was changed, or it was encrypted with another key',
      { cause },
    );
  }
}
