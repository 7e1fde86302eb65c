/** Which codec a connection uses: the operator's, or one that says what is missing. */
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import { CodedError } from '../model/errors.js';
import { SEALED, unsealedValue } from '../model/seal.js';

/** How releases before 0.3 marked theirs, which any place would take. */
export const SEALED_ANYWHERE = 'binary/encrypted';

const isSealed = ({ metadata }: Payload): boolean =>
  [SEALED, SEALED_ANYWHERE].includes(Buffer.from(metadata?.['encoding'] ?? []).toString());
const asIs = (payloads: Payload[]): Promise<Payload[]> => Promise.resolve(payloads);

const withoutKeys: PayloadCodec = {
  encode: asIs,
  async decode(payloads) {
    if (payloads.some(isSealed))
      throw new CodedError('BAD_CONFIG', 'this run is encrypted, and no key is configured here', {
        hint: 'Set DROVER_CODEC_KEYS to the key file that the workers use.',
      });
    return asIs(payloads);
  },
};

/** For a data converter. Without keys, what is not encrypted is read; what is fails with BAD_CONFIG. */
export const codecsOf = (codec: PayloadCodec = withoutKeys): PayloadCodec[] => [codec];

/** The whole data converter of clients and workers: messages and stack traces of failures are sealed like all else (S14). */
export const dataConverterOf = (codec: PayloadCodec | undefined) => ({
  payloadCodecs: codecsOf(codec),
  failureConverterPath: FAILURE_CONVERTER,
});

/** The module of the failure converter, for the workflows' bundle as well. */
export const FAILURE_CONVERTER = require.resolve('./failure-converter.js');

/** For lists, which show nothing that is ever encrypted: one run that cannot be read must not hide the others. */
export const codecsOfLists: PayloadCodec[] = [
  { encode: asIs, decode: (payloads) => Promise.resolve(payloads.map(() => EMPTY)) },
];
const EMPTY: Payload = { metadata: { encoding: Buffer.from('binary/null') } };

/** What is read where a payload was that may not be taken. */
export const unsealed = (why: string): Payload =>
  defaultPayloadConverter.toPayload(unsealedValue(why));
