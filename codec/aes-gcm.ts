/** Sealed payloads: what workflows and steps take and return leaves this process encrypted (AES-256-GCM, a fresh nonce each), for one place. */
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CodedError } from '../model/errors.js';
import { SEALED, SEALED_AT } from '../model/seal.js';
import { SEALED_ANYWHERE, unsealed } from './codecs.js';
import { belongs, placeOf } from './place.js';

/** The keys, the newest first. */
export interface CodecKeys {
  readonly keys: readonly { readonly id: string; readonly secret: Buffer }[];
}

/** What becomes of payloads that are not sealed, or were sealed by a release before 0.3, which bound them to no place. */
export type Unsealed = 'refuse' | 'take';

/** The codec, and what it does with what others have written. */
export interface SealingCodec extends PayloadCodec {
  readonly ofOthers: Unsealed;
}

const [NONCE_BYTES, TAG_BYTES] = [12, 16];
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/**
 * The first key seals, any of them opens: that is how keys are changed. What may not be taken is handed on as the value that
 * model/seal.ts knows, so that it is refused by name where it is read; to throw here would make a run wait for ever.
 */
export function aesGcmCodec({ keys }: CodecKeys, ofOthers: Unsealed = 'refuse'): SealingCodec {
  const [newest] = keys;
  if (!newest) throw new CodedError('BAD_CONFIG', 'there is no key to encrypt with');
  return {
    ofOthers,
    encode: (payloads, context) => {
      const place = placeOf(context);
      const atMs = String(Date.now());
      const metadata = {
        encoding: Buffer.from(SEALED),
        'encryption-key-id': Buffer.from(newest.id),
        place: Buffer.from(place),
        [SEALED_AT]: Buffer.from(atMs),
      };
      const sealed = (payload: Payload): Payload => {
        const plain = temporal.api.common.v1.Payload.encode(payload).finish();
        return { metadata, data: seal(newest.secret, plain, bound(place, atMs)) };
      };
      return Promise.resolve(payloads.map(sealed));
    },
    decode: (payloads, context) =>
      Promise.resolve().then(() =>
        payloads.map((payload) => opened(keys, payload, placeOf(context), ofOthers)),
      ),
  };
}

function opened(
  keys: CodecKeys['keys'],
  payload: Payload,
  place: string,
  ofOthers: Unsealed,
): Payload {
  const said = (name: string) => text(payload.metadata?.[name]);
  const [encoding, id, sealedFor] = [said('encoding'), said('encryption-key-id'), said('place')];
  const isOld = encoding === SEALED_ANYWHERE;
  if (encoding !== SEALED && !isOld)
    return ofOthers === 'take' ? payload : unsealed('it is not sealed');
  const key = keys.find((candidate) => candidate.id === id);
  if (!key) throw unknownKey(id);
  if (isOld && ofOthers === 'refuse') return unsealed('a release before 0.3 sealed it');
  const plain = open(key.secret, payload.data, isOld ? '' : bound(sealedFor, said(SEALED_AT)));
  if (!plain) return unsealed('it was changed, or sealed with another key');
  if (!isOld && !belongs(sealedFor, place))
    return unsealed(`it was sealed for ${sealedFor || 'no place'} and came as ${place}`);
  return temporal.api.common.v1.Payload.decode(plain);
}

const unknownKey = (id: string): CodedError =>
  new CodedError(
    'BAD_CONFIG',
    `the key ${id}, with which this run is encrypted, is not in the key file`,
    { hint: 'Keep old keys below the newest one as long as runs that they encrypted are kept.' },
  );

/** What a payload is bound to: its place, and since 0.3 its time. */
const bound = (place: string, atMs: string): string => (atMs === '' ? place : `${place}\n${atMs}`);

/** Nonce, tag, ciphertext. */
function seal(secret: Buffer, plain: Uint8Array, place: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Nothing if a single bit was changed. */
function open(secret: Buffer, data: Payload['data'], place: string): Uint8Array | undefined {
  const bytes = Buffer.from(data ?? []);
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const plain = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    // The one thing that `final` throws for: the tag is another.
    return undefined;
  }
}
