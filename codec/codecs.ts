/** Which codec a connection uses: the operator's, or one that says what is missing. */
import type { Payload, PayloadCodec } from '@temporalio/common';
import { CodedError } from '../model/errors.js';

/** How an encrypted payload is marked. */
export const ENCRYPTED = 'binary/encrypted';

const isEncrypted = ({ metadata }: Payload): boolean =>
  Buffer.from(metadata?.['encoding'] ?? []).toString() === ENCRYPTED;
const asIs = (payloads: Payload[]): Promise<Payload[]> => Promise.resolve(payloads);

const withoutKeys: PayloadCodec = {
  encode: asIs,
  async decode(payloads) {
    if (payloads.some(isEncrypted))
      throw new CodedError('BAD_CONFIG', 'this run is encrypted, and no key is configured here', {
        hint: 'Set DROVER_CODEC_KEYS to the key file that the workers use.',
      });
    return asIs(payloads);
  },
};

/** For a data converter. Without keys, what is not encrypted is read; what is fails with BAD_CONFIG. */
export const codecsOf = (codec: PayloadCodec = withoutKeys): PayloadCodec[] => [codec];

/** For lists, which show nothing that is ever encrypted: one run that cannot be read must not hide the others. */
export const codecsOfLists: PayloadCodec[] = [
  { encode: asIs, decode: (payloads) => Promise.resolve(payloads.map(() => EMPTY)) },
];
const EMPTY: Payload = { metadata: { encoding: Buffer.from('binary/null') } };
